/** Runs the real command line: in a process of its own, or in this one where the process does not matter. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../../engine/cli/program.ts';
import { fakeTerminal } from './fakeTerminal.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function neuroada(args: readonly string[], cwd = REPOSITORY): Promise<CommandResult> {
  return runProgram(join(REPOSITORY, 'engine/cli/main.ts'), args, cwd);
}

/** The same without a process: exit code and what is written, not to a terminal. */
export async function neuroadaHere(args: readonly string[]): Promise<CommandResult> {
  const terminal = fakeTerminal();
  const exitCode = await runCommandLine(args, terminal);
  return { exitCode, stdout: terminal.results(), stderr: terminal.notes() };
}

/** @param onStart called with the child, such as to send it signals */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd = REPOSITORY,
  onStart: (child: ReturnType<typeof spawn>) => void = () => undefined,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  onStart(child);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr };
}

/** The objects of `--json` output. */
export function jsonLines(output: string): Record<string, unknown>[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
