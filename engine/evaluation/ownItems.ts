/** Reads a data file of one's own into questions: whatever training can read, scored as asked. */
import { basename } from 'node:path';
import type { CheckpointTokenizer } from '../checkpoint/tokenizer/tokenizer.ts';
import { attemptAtRecord, readExamples, type DataConfiguration, type ReadExample } from '../data/exampleReader.ts';
import { collectProblems } from '../data/problems.ts';
import { recordError, type RecordPlace } from '../data/formats/record.ts';
import { promptOf, type RenderedExample } from '../data/template.ts';
import { createExampleEncoder, type ExampleEncoder } from '../data/tokenization.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { Scoring } from '../protocol/answers/evaluation.ts';
import type { EvaluationItem, EvaluationSet } from './evaluationSet.ts';
import { judgeByChoice, judgeByContent, judgeByNumber, judgeByPattern, judgeExactly, type Judge } from './judgement.ts';

/** Tokens that an answer may have beyond the longest expected one. */
const SPARE_TOKENS = 16;
/** Where the answer need only hold what is expected. */
const LONG_ANSWER_TOKENS = 128;
/** More different answers than these are no choice. */
const MOST_CHOICES = 50;

/**
 * @param data how the file is read; its `train` is not looked at
 * @throws ExpectedError `data/…`, `evaluation/…`
 */
export async function readOwnData(
  file: string,
  data: DataConfiguration,
  scoring: Scoring,
  tokenizer: CheckpointTokenizer,
  limit: number,
): Promise<EvaluationSet> {
  const encoder = createExampleEncoder(tokenizer);
  const { report, throwReported } = collectProblems();
  const items: EvaluationItem[] = [];
  for await (const read of readExamples(file, data, tokenizer, report)) {
    if (items.length >= limit) break;
    const { rendered, place } = read;
    if (rendered === undefined) continue;
    const item = attemptAtRecord(place, report, () =>
      itemOf(read, rendered, items.length, scoring, tokenizer, encoder),
    );
    if (item !== undefined) items.push(item);
  }
  throwReported();
  return setOf(file, scoring, items, encoder);
}

function itemOf(
  { place, source }: ReadExample,
  rendered: RenderedExample,
  index: number,
  scoring: Scoring,
  tokenizer: CheckpointTokenizer,
  encoder: ExampleEncoder,
): EvaluationItem {
  const asked = promptOf(rendered);
  const expected = withoutEndToken(rendered.spans.findLast((span) => span.isAnswer)?.text ?? '', tokenizer);
  const { ids, isLabel } = encoder.encodeExample(rendered, false);
  const example = { tokens: Int32Array.from(ids), isLabel: Uint8Array.from(isLabel, Number), place };
  const prompt = Int32Array.from(encoder.encodePrompt(asked));
  if (scoring !== 'perplexity' && (source.shape === 'text' || prompt.length === 0)) {
    const fix = 'Use the scoring "perplexity", or records with a prompt and an answer.';
    throw recordError(place, 'data/noPrompt', `the scoring "${scoring}" needs a prompt, found text alone`, fix);
  }
  if (scoring === 'regex') refuseBadPattern(expected, place);
  if (scoring === 'number' && !Number.isFinite(Number(expected))) {
    const fix = 'Write the answer as a number, or choose another scoring.';
    throw recordError(place, 'data/notANumber', `expected a number, found ${JSON.stringify(expected)}`, fix);
  }
  const promptText = asked.spans.map(({ text }) => text).join('');
  return { index, question: promptText.trim(), expected, promptText, prompt, choices: [], example };
}

/** A chat template ends an answer with a token of its own, which is none of the answer's text. */
function withoutEndToken(answer: string, tokenizer: CheckpointTokenizer): string {
  const last = tokenizer.encode(answer, { addSpecialTokens: false }).at(-1);
  const ending = last !== undefined && tokenizer.isSpecialToken(last) ? tokenizer.tokenText(last) : undefined;
  return ending !== undefined && answer.endsWith(ending) ? answer.slice(0, -ending.length) : answer;
}

function refuseBadPattern(pattern: string, place: RecordPlace): void {
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    const problem = `the answer is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
    throw recordError(place, 'data/badPattern', problem, 'Correct it, or choose another scoring.', undefined, error);
  }
}

function setOf(
  file: string,
  scoring: Scoring,
  items: readonly EvaluationItem[],
  encoder: ExampleEncoder,
): EvaluationSet {
  const labels = [...new Set(items.map(({ expected }) => expected.trim()))];
  if (scoring === 'choice' && labels.length > MOST_CHOICES) throw tooManyChoices(file, labels.length);
  const answerTokens = items.map(({ example, prompt }) => (example?.tokens.length ?? 0) - prompt.length);
  const isLong = scoring === 'contains' || scoring === 'regex' || scoring === 'number';
  const longest = answerTokens.reduce((most, count) => Math.max(most, count), 0) + SPARE_TOKENS;
  return {
    task: basename(file),
    scoring,
    file,
    judge: judgeOf(scoring, labels),
    maxNewTokens: isLong ? Math.max(longest, LONG_ANSWER_TOKENS) : longest,
    items: scoring === 'choice' ? items.map((item) => withChoices(item, items, encoder)) : items,
  };
}

function judgeOf(scoring: Scoring, labels: readonly string[]): Judge {
  switch (scoring) {
    case 'contains':
      return judgeByContent;
    case 'regex':
      return judgeByPattern;
    case 'number':
      return judgeByNumber;
    case 'choice':
      return judgeByChoice(labels);
    case 'exact':
    case 'perplexity':
      return judgeExactly;
  }
}

/** The answers of all examples as choices of one; each stands behind this prompt as it would in training. */
function withChoices(item: EvaluationItem, items: readonly EvaluationItem[], encoder: ExampleEncoder): EvaluationItem {
  const texts = new Map(items.map(({ expected }) => [expected.trim(), expected]));
  const choices = [...texts].map(([label, text]) => {
    const spans = [
      { text: item.promptText, isAnswer: false },
      { text, isAnswer: true },
    ];
    const { ids } = encoder.encodeExample({ spans, hasSpecialTokens: true }, false);
    const promptLength = encoder.encodePrompt({ spans: spans.slice(0, 1), hasSpecialTokens: true }).length;
    return { label, tokens: Int32Array.from(ids.slice(promptLength, -1)) };
  });
  return { ...item, choices };
}

function tooManyChoices(file: string, count: number): ExpectedError {
  return new ExpectedError(
    'evaluation/tooManyChoices',
    `the data has ${String(count)} different answers, expected at most ${String(MOST_CHOICES)} to choose from`,
    'Choose another scoring, such as "exact".',
    { file },
  );
}
