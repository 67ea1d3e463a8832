/** Shows the first examples of the data as the model will see them, with what is masked told from what is learnt. */
import { openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { openTokenizer, type CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import { readExamples, type DataSource } from '../../data/exampleReader.ts';
import type { RenderedExample } from '../../data/template.ts';
import type { TextLabels } from '../../data/texts/textLabels.ts';
import { createExampleEncoder } from '../../data/tokenization.ts';
import type { ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { PreviewExample, PreviewResult } from '../../protocol/rpc.ts';
import { knownLabels } from './preparation.ts';
import { previewTexts } from './previewTexts.ts';

/** @throws ExpectedError for the first problem among the records that are shown, or where there is no record */
export async function previewData(configuration: RunConfiguration, exampleCount: number): Promise<PreviewResult> {
  const { base, data } = configuration;
  const tokenizer = await openTokenizer(base);
  if (tokenizer.encodeTexts !== undefined) {
    return previewTexts(configuration, tokenizer.encodeTexts, await labelsOf(base), exampleCount);
  }
  const file = typeof data.train === 'string' ? data.train : data.train[0]!;
  const examples: PreviewExample[] = [];
  let read: DataSource | undefined;
  for await (const { source, rendered } of readExamples(file, data, tokenizer, refuse)) {
    read = source;
    if (rendered !== undefined) examples.push(previewOf(rendered, data.trainOnPrompt, tokenizer));
    if (examples.length >= exampleCount) break;
  }
  if (read === undefined) throw new Error(`${file} was read to its end without a record or a problem`);
  const { format, shape, template } = read;
  return { format, shape, template, examples };
}

/** The labels of the checkpoint's own classifier. */
async function labelsOf(base: string): Promise<TextLabels | undefined> {
  const checkpoint = await openCheckpoint(base);
  await checkpoint.close();
  return knownLabels(checkpoint);
}

function previewOf(rendered: RenderedExample, trainOnPrompt: boolean, tokenizer: CheckpointTokenizer): PreviewExample {
  const { ids, isLabel } = createExampleEncoder(tokenizer).encodeExample(rendered, trainOnPrompt);
  return {
    parts: rendered.spans.map(({ text, isAnswer }) => ({ text, isTrained: isAnswer || trainOnPrompt })),
    tokens: ids.length,
    trainedTokens: isLabel.filter(Boolean).length,
  };
}

function refuse(problem: ExpectedError): never {
  throw problem;
}
