/** Runs the programs of the benchmarks, each in a process of its own, so that none inherits memory or threads of another. */
import { join } from 'node:path';
import { execa } from 'execa';

/** Lines that the program prints, as they come; what it says on stderr is shown. */
export async function* linesOf(program: string, ...parameters: readonly string[]): AsyncIterable<string> {
  yield* execa(process.execPath, [join(import.meta.dirname, 'programs', `${program}.ts`), ...parameters], {
    stderr: 'inherit',
  });
}

/** The JSON that the program prints as its only line. */
export async function resultOf(program: string, ...parameters: readonly string[]): Promise<unknown> {
  for await (const line of linesOf(program, ...parameters)) return JSON.parse(line);
  throw new Error(`${program} printed nothing`);
}
