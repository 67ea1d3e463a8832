/** The labels of an opened encoder's classifier. */
import type { TextLabels } from '../../data/texts/textLabels.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { OpenedModel } from './openedModel.ts';

/** @throws ExpectedError `evaluation/noClassifier` where neither the checkpoint nor tuning has one */
export function classifierLabels({ weights, sides }: OpenedModel, file: string): TextLabels {
  const { config } = weights;
  if (config.family !== 'encoder') throw new Error('a decoder has no labels');
  if (!config.naming.hasClassifier && !sides.includes('tuned')) {
    throw new ExpectedError(
      'evaluation/noClassifier',
      `the checkpoint is an encoder (${config.modelType}) without a classifier, so it labels nothing`,
      'Train one first (neuroada train), and ask the run.',
      { file },
    );
  }
  return { problem: config.classifier.problem, names: config.classifier.labels };
}
