/**
 * A job under the command line that stops late or not at all. Argument: what it does when asked to stop: `save` (an
 * outcome), `cancel`, `block` (never looks) or `bug` (throws, unasked).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { execute } from '../../../engine/cli/execution.ts';
import { processTerminal } from '../../../engine/cli/terminal.ts';
import { CancelledError } from '../../../engine/errors/expected.ts';

const manner = process.argv[2];
const execution = { command: 'train', isJson: process.argv.includes('--json'), terminal: processTerminal() };

process.exitCode = await execute(execution, async ({ observer, signal }) => {
  observer.onEvent({ type: 'status', time: 1, status: 'training' });
  if (manner === 'bug') throw new TypeError('undefined is not a delta', { cause: new Error('the inner reason') });
  while (!signal.aborted) await delay(5);
  if (manner === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
  if (manner === 'cancel') throw new CancelledError();
  return { value: { status: 'stopped' }, lines: ['Stopped after step 3.'], isStopped: true };
});
