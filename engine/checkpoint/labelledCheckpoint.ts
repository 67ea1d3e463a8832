/** An encoder's checkpoint as one whose classifier predicts other labels than its own. */
import type { Checkpoint } from './checkpoint.ts';
import type { ClassifierConfig, EncoderConfig } from './config/encoderConfig.ts';
import { encoderHead, linearParts } from './config/encoderTensors.ts';

/** What a classifier predicts. */
export type ClassifierLabels = Pick<ClassifierConfig, 'labels' | 'problem'>;

/**
 * The checkpoint with these labels: its own classifier counts as its own only where it has as many outputs. A decoder's
 * stays as it is.
 */
export function withLabels(checkpoint: Checkpoint, { labels, problem }: ClassifierLabels): Checkpoint {
  const { config } = checkpoint;
  if (config.family !== 'encoder') return checkpoint;
  const labelled: EncoderConfig = { ...config, classifier: { ...config.classifier, labels, problem } };
  const parts = linearParts(encoderHead(labelled).classifier);
  const hasClassifier = parts.every(({ name, shape }) => {
    const found = checkpoint.tensors.get(name)?.entry.shape;
    return found?.length === shape.length && found.every((size, axis) => size === shape[axis]);
  });
  return { ...checkpoint, config: { ...labelled, naming: { ...config.naming, hasClassifier } } };
}
