/** The command line that does what the run did. */
import { join } from 'node:path';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import { canResume, type Run } from '../runs/run.ts';

/** Resumes an unfinished run; trains a finished one again into a folder of its own. */
export function cliCommand(run: Run, extensionFolder: string): string {
  const program = ['node', join(extensionFolder, 'dist', 'engine', 'cli.mjs')];
  const resume = canResume(run) && run.identity.hasRecord;
  const rest = resume
    ? ['train', '--resume', run.folder]
    : ['train', join(run.folder, RUN_FILES.record), '--output', `${run.folder}-again`];
  return [...program, ...rest].map(quoted).join(' ');
}

/** For POSIX shells and PowerShell alike. */
function quoted(argument: string): string {
  return /^[\w./:@%+=\\-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
