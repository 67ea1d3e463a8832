/** The error for runs, moments and adapters whose changes are not those of selected connections. */
import { ExpectedError } from '../../errors/expected.ts';
import type { Method } from '../../protocol/configuration/methods.ts';

/** Methods whose trained connections stand in a selection. */
export const SELECTING: readonly Method[] = ['neuroada', 'masked', 'superTuning', 'shira'];

/** @param method what trained it */
export function notPerNeuron(file: string, method: string): ExpectedError {
  return new ExpectedError(
    'inspection/notPerNeuron',
    `what the method ${JSON.stringify(method)} trains here are not deltas of selected connections, which this view shows`,
    'Look at a run or an adapter of a method that selects connections.',
    { file },
  );
}
