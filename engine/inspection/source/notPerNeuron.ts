/** The error for runs and adapters whose changes are not connections selected of each neuron. */
import { ExpectedError } from '../../errors/expected.ts';

/** @param method what trained it */
export function notPerNeuron(file: string, method: string): ExpectedError {
  return new ExpectedError(
    'inspection/notPerNeuron',
    `the method ${JSON.stringify(method)} does not select connections of each neuron, which this view shows`,
    'Look at a run of the method "neuroada" or "masked".',
    { file },
  );
}
