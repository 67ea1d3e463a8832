/** Tokenized examples to train on and to evaluate with, and how they are loaded. */
import type { DataReport } from './dataReport.ts';
import type { DataSource } from './exampleReader.ts';
import type { TextLabels } from './texts/textLabels.ts';
import type { TextSource } from './texts/textReader.ts';
import type { TokenizedExample } from './tokenization.ts';

export interface ExampleSet {
  readonly examples: readonly TokenizedExample[];
  readonly report: DataReport;
}

export interface TrainingData {
  readonly train: ExampleSet;
  /** Empty where no evaluation is configured. A held-out part's report counts reading under `train`. */
  readonly evaluation: ExampleSet;
  /** Labelled texts that test the step which the evaluation chose; absent where evaluation is not halved. */
  readonly test?: ExampleSet;
  readonly sources: readonly (DataSource | TextSource)[];
  /** What the labels of texts mean; absent where the data is none of labelled texts. */
  readonly labels?: TextLabels;
}

export interface LoadingOptions {
  /** Labels of the checkpoint's own classifier. */
  readonly knownLabels?: TextLabels | undefined;
  /** Told every few records how many were read so far. */
  readonly onProgress?: (records: number) => void;
  readonly signal?: AbortSignal;
}
