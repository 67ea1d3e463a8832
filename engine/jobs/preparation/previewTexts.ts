/** Shows the first labelled texts of the data as an encoder will see them, and every label that there is. */
import type { EncodeTexts } from '../../checkpoint/tokenizer/textEncoder.ts';
import { settleLabels, type TextLabels } from '../../data/texts/textLabels.ts';
import { readLabelledTexts, type LabelledText, type TextSource } from '../../data/texts/textReader.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { PreviewExample, PreviewResult } from '../../protocol/rpc.ts';

/** Texts whose labels are looked at: files may be sorted by label. */
const MOST_TEXTS = 200_000;

/**
 * @param known labels of the checkpoint's own classifier
 * @throws ExpectedError for the first problem among the records, or where no text has a label
 */
export async function previewTexts(
  { data }: Pick<RunConfiguration, 'data'>,
  encode: EncodeTexts,
  known: TextLabels | undefined,
  exampleCount: number,
): Promise<PreviewResult> {
  const file = typeof data.train === 'string' ? data.train : data.train[0]!;
  const texts: LabelledText[] = [];
  let read: TextSource | undefined;
  for await (const { source, text } of readLabelledTexts(file, data, refuse)) {
    read = source;
    if (text !== undefined) texts.push(text);
    if (texts.length >= MOST_TEXTS) break;
  }
  if (read === undefined || texts.length === 0) {
    throw new ExpectedError('data/noExamples', 'holds no text with a label', 'Give labelled data.', { file });
  }
  const { problem, names } = settleLabels(texts, data, known);
  const { text, pair, label } = read.fields;
  return {
    format: read.format,
    shape: 'labelledText',
    template: [text, ...(pair === undefined ? [] : [pair]), label].join(', '),
    labels: problem === 'regression' ? [] : names,
    examples: texts.slice(0, exampleCount).map((example) => previewOf(example, encode, data.maxLength)),
  };
}

function previewOf({ texts, label }: LabelledText, encode: EncodeTexts, maxLength: number): PreviewExample {
  return {
    parts: [
      { text: texts.filter((text) => text !== undefined).join(' | '), isTrained: false },
      { text: String(label), isTrained: true },
    ],
    tokens: encode(texts, maxLength).ids.length,
    trainedTokens: 1,
  };
}

function refuse(problem: ExpectedError): never {
  throw problem;
}
