/** Loads what a run trains and evaluates on: every file read, rendered, tokenized, checked and split. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import { NOTHING_READ, reportOf, type ReadingCounts } from './dataReport.ts';
import type { DataTokenizer } from './dataTokenizer.ts';
import { attemptAtRecord, readExamples, type DataConfiguration, type DataSource } from './exampleReader.ts';
import { recordsForLimit, splitHeldOut } from './batches/heldOut.ts';
import { fitLength } from './batches/lengthLimit.ts';
import { collectProblems, DataProblemsError, type ReportProblem } from './problems.ts';
import { loadTextData } from './texts/textData.ts';
import { createExampleEncoder, type TokenizedExample } from './tokenization.ts';
import type { ExampleSet, TrainingData, LoadingOptions } from './exampleSets.ts';

/** Records between two breaths of the event loop. */
const RECORDS_PER_TURN = 64;

/**
 * Loads training and evaluation examples: labelled texts for an encoder, texts to be written for others. `data.limit` counts training examples: as many more records are read as are
 * held out of them.
 * @param data paths resolved
 * @param seed draws the held-out part
 * @throws DataProblemsError with the first problems of the records; ExpectedError; CancelledError
 */
export async function loadTrainingData(
  data: DataConfiguration,
  seed: number,
  tokenizer: DataTokenizer,
  options: LoadingOptions = {},
): Promise<TrainingData> {
  if (tokenizer.encodeTexts !== undefined) return loadTextData(data, seed, tokenizer.encodeTexts, options);
  const { evaluation } = data;
  const heldOut = typeof evaluation === 'object' ? evaluation : undefined;
  const files = typeof data.train === 'string' ? [data.train] : data.train;
  const limit = data.limit === undefined ? Infinity : recordsForLimit(data.limit, heldOut);
  const collector = collectProblems();
  const training = await readSet(files, limit, data, tokenizer, collector.report, options);
  const evaluating =
    typeof evaluation === 'string'
      ? await readSet([evaluation], Infinity, data, tokenizer, collector.report, options)
      : { examples: [], counts: NOTHING_READ, sources: [] };
  collector.throwReported();
  refuseNothing(files, training);
  if (typeof evaluation === 'string') refuseNothing([evaluation], evaluating);
  const sources = [...training.sources, ...evaluating.sources];
  if (heldOut === undefined) return { train: setOf(training), evaluation: setOf(evaluating), sources };
  const split = splitHeldOut(training.examples.length, heldOut, seed);
  const pick = (numbers: Int32Array): TokenizedExample[] =>
    Array.from(numbers, (number) => training.examples[number]).filter((example) => example !== undefined);
  return {
    train: setOf({ ...training, examples: pick(split.train) }),
    evaluation: setOf({ ...evaluating, examples: pick(split.evaluation) }),
    sources,
  };
}

/** The problems that keep `data` from being loaded, at most the first 20, and the report where there is none. */
export async function validateTrainingData(
  data: DataConfiguration,
  seed: number,
  tokenizer: DataTokenizer,
  options: LoadingOptions = {},
): Promise<{ readonly problems: readonly ExpectedError[]; readonly loaded?: TrainingData }> {
  try {
    return { problems: [], loaded: await loadTrainingData(data, seed, tokenizer, options) };
  } catch (error) {
    if (error instanceof DataProblemsError) return { problems: error.problems };
    if (error instanceof ExpectedError) return { problems: [error] };
    throw error;
  }
}

interface Reading {
  readonly examples: readonly TokenizedExample[];
  readonly counts: ReadingCounts;
  readonly sources: readonly DataSource[];
}

async function readSet(
  files: readonly string[],
  limit: number,
  data: DataConfiguration,
  tokenizer: DataTokenizer,
  report: ReportProblem,
  { onProgress, signal }: LoadingOptions,
): Promise<Reading> {
  const encoder = createExampleEncoder(tokenizer);
  const examples: TokenizedExample[] = [];
  const counts = { ...NOTHING_READ };
  const sources: DataSource[] = [];
  for (const file of files) {
    if (counts.records >= limit) break;
    for await (const { source, place, rendered } of readExamples(file, data, tokenizer, report)) {
      if (sources.at(-1) !== source) sources.push(source);
      counts.records += 1;
      const tokens =
        rendered && attemptAtRecord(place, report, () => encoder.encodeExample(rendered, data.trainOnPrompt));
      if (tokens !== undefined) {
        const outcome = fitLength(tokens, data, place, report);
        if ('example' in outcome) examples.push(outcome.example);
        if (outcome.kind !== 'kept' && outcome.kind !== 'refused') counts[outcome.kind] += 1;
      }
      if (counts.records >= limit) break;
      if (counts.records % RECORDS_PER_TURN !== 0) continue;
      onProgress?.(counts.records);
      await nextTurn();
      if (signal?.aborted === true) throw new CancelledError();
    }
  }
  return { examples, counts, sources };
}

function setOf({ examples, counts }: Reading): ExampleSet {
  return { examples, report: reportOf(counts, examples) };
}

function refuseNothing(files: readonly string[], { examples, counts }: Reading): void {
  if (examples.length > 0) return;
  throw new ExpectedError(
    'data/noExamples',
    `none of ${String(counts.records)} records can be used: ${String(counts.skipped)} are too long, ` +
      `${String(counts.withoutLabels)} have no answer left within data.maxLength`,
    'Raise data.maxLength or shorten the prompts.',
    { file: files.join(', ') },
  );
}
