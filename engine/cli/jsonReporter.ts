/** `--json`: one JSON object a line on standard output, the last of them the result or the error. */
import type { JobProgress } from '../protocol/rpc.ts';
import type { Reporter } from './reporter.ts';
import type { Terminal } from './terminal.ts';

const PROGRESS_INTERVAL_MS = 250;

/** @param now clock in milliseconds */
export function jsonReporter(terminal: Terminal, command: string, now: () => number): Reporter {
  const write = (value: object): void => terminal.writeResult(`${JSON.stringify(value)}\n`);
  let lastPhase: string | undefined;
  let lastTime = 0;
  const isDue = ({ phase, done, total }: JobProgress): boolean =>
    phase !== lastPhase || done === total || now() - lastTime >= PROGRESS_INTERVAL_MS;
  return {
    onEvent: write,
    onProgress: (progress) => {
      if (!isDue(progress)) return;
      [lastPhase, lastTime] = [progress.phase, now()];
      write({ type: 'progress', ...progress });
    },
    note: (text) => terminal.writeNote(`${text}\n`),
    result: (value) => write({ type: 'result', command, ...value }),
    failure: (failure) => {
      terminal.writeNote(`${failure.lines.join('\n')}\n`);
      write({ type: failure.kind === 'cancelled' ? 'cancelled' : 'error', command, ...failure.details });
    },
  };
}
