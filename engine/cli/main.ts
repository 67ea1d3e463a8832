/** Entry of the command line: `node engine/cli/main.ts <command> …`. */
import { EXIT_CODES } from './exitCode.ts';
import { runCommandLine } from './program.ts';
import { processTerminal } from './terminal.ts';

const terminal = processTerminal();

process.on('uncaughtException', (error) => {
  void reportBug(error);
});

process.exitCode = await runCommandLine(process.argv.slice(2), terminal);

/** An error that no command caught, such as one thrown by a timer. */
async function reportBug(error: unknown): Promise<void> {
  const { failureOf } = await import('./failure.ts');
  terminal.writeNote(`${failureOf(error).lines.join('\n')}\n`);
  process.exit(EXIT_CODES.bug);
}
