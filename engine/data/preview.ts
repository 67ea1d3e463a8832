/** Shows the first examples as the model will see them, before a run is started. */
import type { DataTokenizer } from './dataTokenizer.ts';
import { attemptAtRecord, readExamples, type DataConfiguration, type DataSource } from './exampleReader.ts';
import { collectProblems } from './problems.ts';
import type { RecordPlace } from './formats/record.ts';
import { createExampleEncoder, type Tokens } from './tokenization.ts';

export interface PreviewedExample {
  readonly place: RecordPlace;
  /** The example's text in order; what is not learnt is the masked prompt. */
  readonly spans: readonly { readonly text: string; readonly isLearnt: boolean }[];
  /** Before truncation. */
  readonly tokens: number;
  readonly labelTokens: number;
}

export interface DataPreview {
  readonly source: DataSource;
  readonly examples: readonly PreviewedExample[];
}

/**
 * The first `count` examples of the first training file.
 * @throws DataProblemsError, ExpectedError where one of them has a problem
 */
export async function previewTrainingData(
  data: DataConfiguration,
  tokenizer: DataTokenizer,
  count = 1,
): Promise<DataPreview> {
  const [file = ''] = typeof data.train === 'string' ? [data.train] : data.train;
  const collector = collectProblems();
  const encoder = createExampleEncoder(tokenizer);
  const examples: PreviewedExample[] = [];
  let source: DataSource | undefined;
  for await (const read of readExamples(file, data, tokenizer, collector.report)) {
    const { rendered } = read;
    if (rendered === undefined) break;
    const encode = (): Tokens => encoder.encodeExample(rendered, data.trainOnPrompt);
    const tokens = attemptAtRecord(read.place, collector.report, encode);
    if (tokens === undefined) break;
    source = read.source;
    examples.push({
      place: read.place,
      spans: rendered.spans.map((span) => ({ text: span.text, isLearnt: data.trainOnPrompt || span.isAnswer })),
      tokens: tokens.ids.length,
      labelTokens: tokens.isLabel.filter(Boolean).length,
    });
    if (examples.length >= count) break;
  }
  collector.throwReported();
  if (source === undefined) throw new Error(`previewTrainingData: no example and no problem in ${file}`);
  return { source, examples };
}
