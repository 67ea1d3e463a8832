/** Loads the labelled texts that an encoder trains and is measured on: read, labelled, tokenized, checked and split. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EncodeTexts } from '../../checkpoint/tokenizer/textEncoder.ts';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { NOTHING_READ, reportOf, type ReadingCounts } from '../dataReport.ts';
import { recordsForLimit, splitHeldOut } from '../batches/heldOut.ts';
import { collectProblems, type ReportProblem } from '../problems.ts';
import { recordError } from '../formats/record.ts';
import type { TokenizedExample } from '../tokenization.ts';
import type { ExampleSet, LoadingOptions, TrainingData } from '../exampleSets.ts';
import { halveEvaluation } from './officialSplit.ts';
import { settleLabels, targetOf, type TextLabels } from './textLabels.ts';
import { readLabelledTexts, type LabelledText, type TextSource } from './textReader.ts';

type DataConfiguration = RunConfiguration['data'];

/** Texts between two breaths of the event loop. */
const TEXTS_PER_TURN = 64;

/**
 * @param data paths resolved
 * @param seed draws what is held out
 * @throws DataProblemsError with the first problems of the records; ExpectedError; CancelledError
 */
export async function loadTextData(
  data: DataConfiguration,
  seed: number,
  encode: EncodeTexts,
  options: LoadingOptions,
): Promise<TrainingData> {
  const { evaluation } = data;
  const heldOut = typeof evaluation === 'object' ? evaluation : undefined;
  const files = typeof data.train === 'string' ? [data.train] : data.train;
  const limit = data.limit === undefined ? Infinity : recordsForLimit(data.limit, heldOut);
  const { report, throwReported } = collectProblems();
  const read = (paths: readonly string[], most: number): Promise<ReadTexts> =>
    readTexts(paths, most, data, report, options);
  const training = await read(files, limit);
  const evaluating = typeof evaluation === 'string' ? await read([evaluation], Infinity) : NO_TEXTS;
  throwReported();
  refuseNothing(files, training);
  const labels = settleLabels(training.texts, data, options.knownLabels);
  const encodeAll = (texts: ReadTexts): Promise<Encoded> => encodeTexts(texts, labels, data, encode, report, options);
  const [train, held] = [await encodeAll(training), await encodeAll(evaluating)];
  throwReported();
  const sources = [...training.sources, ...evaluating.sources];
  const shared = { sources, labels };
  if (heldOut === undefined) return { train: setOf(train), ...halved(setOf(held), data, seed), ...shared };
  const split = splitHeldOut(train.examples.length, heldOut, seed);
  const part = (numbers: Int32Array): Encoded => ({ ...train, examples: picked(train.examples, numbers) });
  const measured = { counts: NOTHING_READ, examples: picked(train.examples, split.evaluation) };
  return { train: setOf(part(split.train)), ...halved(setOf(measured), data, seed), ...shared };
}

function halved(
  evaluation: ExampleSet,
  { halveEvaluation: isHalved, task }: DataConfiguration,
  seed: number,
): Pick<TrainingData, 'evaluation' | 'test'> {
  if (!(isHalved ?? task !== undefined) || evaluation.examples.length < 2) return { evaluation };
  const { choosing, testing } = halveEvaluation(evaluation.examples.length, seed);
  const part = (numbers: Int32Array): ExampleSet => {
    const examples = picked(evaluation.examples, numbers);
    return { examples, report: reportOf(evaluation.report, examples) };
  };
  return { evaluation: part(choosing), test: part(testing) };
}

function picked(examples: readonly TokenizedExample[], numbers: Int32Array): readonly TokenizedExample[] {
  return Array.from(numbers, (number) => examples[number]).filter((example) => example !== undefined);
}

interface ReadTexts {
  readonly texts: readonly LabelledText[];
  readonly counts: ReadingCounts;
  readonly sources: readonly TextSource[];
}

const NO_TEXTS: ReadTexts = { texts: [], counts: NOTHING_READ, sources: [] };

async function readTexts(
  files: readonly string[],
  limit: number,
  data: DataConfiguration,
  report: ReportProblem,
  { onProgress, signal }: LoadingOptions,
): Promise<ReadTexts> {
  const texts: LabelledText[] = [];
  const sources: TextSource[] = [];
  let [records, incomplete] = [0, 0];
  for (const file of files) {
    if (records >= limit) break;
    for await (const { source, text } of readLabelledTexts(file, data, report)) {
      if (sources.at(-1) !== source) sources.push(source);
      records += 1;
      if (text === undefined) incomplete += 1;
      else texts.push(text);
      if (records >= limit) break;
      if (records % TEXTS_PER_TURN !== 0) continue;
      onProgress?.(records);
      await nextTurn();
      if (signal?.aborted === true) throw new CancelledError();
    }
  }
  return { texts, counts: { ...NOTHING_READ, records, incomplete }, sources };
}

interface Encoded {
  readonly examples: readonly TokenizedExample[];
  readonly counts: ReadingCounts;
}

async function encodeTexts(
  { texts, counts }: ReadTexts,
  labels: TextLabels,
  data: DataConfiguration,
  encode: EncodeTexts,
  report: ReportProblem,
  { signal }: LoadingOptions,
): Promise<Encoded> {
  const examples: TokenizedExample[] = [];
  let [truncated, skipped] = [0, 0];
  for (const [number, text] of texts.entries()) {
    const outcome = encodeText(text, labels, data, encode, report);
    if (outcome === 'skipped') skipped += 1;
    else if (outcome !== undefined) {
      examples.push(outcome.example);
      if (outcome.isCut) truncated += 1;
    }
    if (number % TEXTS_PER_TURN !== 0) continue;
    await nextTurn();
    if (signal?.aborted === true) throw new CancelledError();
  }
  return { examples, counts: { ...counts, truncated, skipped } };
}

/** An example; nothing where a problem was reported instead. */
export function encodeText(
  text: LabelledText,
  labels: TextLabels,
  { maxLength, tooLong }: Pick<DataConfiguration, 'maxLength' | 'tooLong'>,
  encode: EncodeTexts,
  report: ReportProblem,
): { readonly example: TokenizedExample; readonly isCut: boolean } | 'skipped' | undefined {
  try {
    const { ids, typeIds, cut } = encode(text.texts, maxLength);
    if (cut > 0 && tooLong === 'skip') return 'skipped';
    if (cut > 0 && tooLong === 'error') throw tooLongError(text, ids.length, cut);
    const isLabel = new Uint8Array(ids.length);
    isLabel[0] = 1;
    const example = {
      ...{ tokens: Int32Array.from(ids), isLabel, place: text.place, texts: text.texts },
      target: targetOf(text, labels),
      ...(typeIds === undefined ? {} : { typeIds: Uint8Array.from(typeIds) }),
    };
    return { example, isCut: cut > 0 };
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    report(error);
    return undefined;
  }
}

function tooLongError({ place }: LabelledText, kept: number, cut: number): ExpectedError {
  return recordError(
    place,
    'data/tooLong',
    `the text has ${String(kept + cut)} tokens, expected at most ${String(kept)}`,
    'Raise data.maxLength (the model may allow no more), shorten the text, or set data.tooLong to "truncate" or "skip".',
  );
}

function setOf({ examples, counts }: Encoded): ExampleSet {
  return { examples, report: reportOf(counts, examples) };
}

function refuseNothing(files: readonly string[], { texts, counts }: ReadTexts): void {
  if (texts.length > 0) return;
  throw new ExpectedError(
    'data/noExamples',
    `none of ${String(counts.records)} records has a text and a label`,
    'Give labelled data; the test files of GLUE have no labels.',
    { file: files.join(', ') },
  );
}
