/** What the labels of texts mean: the classes by number, or values. */
import { ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { recordError } from '../formats/record.ts';
import { TEXT_TASK_TABLE, type TextProblem } from './textTask.ts';
import type { LabelledText, RawLabel } from './textReader.ts';

export interface TextLabels {
  readonly problem: TextProblem;
  /** Names of the classes by number; one name, of the value, for regression. */
  readonly names: readonly string[];
}

/** What a text is labelled with: the number of its class, or its value. */
export type TextTarget = { readonly class: number } | { readonly value: number };

/** More classes than any classifier of texts has: the labels are something else then. */
const MOST_LABELS = 1000;
/** As transformers names the output of a regression. */
const VALUE_NAME = 'LABEL_0';

/**
 * Settles what the labels mean: by the task; or else by the checkpoint's own classifier, where it knows every label by name
 * or number; or else by the labels themselves, in the order of numbers or of the alphabet.
 *
 * @param known labels of the checkpoint's classifier; undefined where it has none
 * @throws ExpectedError `data/oneLabel`, `data/tooManyLabels`, `data/notANumber`
 */
export function settleLabels(
  texts: readonly LabelledText[],
  { task, problem }: Pick<RunConfiguration['data'], 'task' | 'problem'>,
  known: TextLabels | undefined,
): TextLabels {
  const preset = task === undefined ? undefined : TEXT_TASK_TABLE[task];
  const settled =
    preset === undefined ? settleProblem(texts, problem) : preset.labels.length > 0 ? 'classification' : 'regression';
  if (settled === 'regression') {
    for (const text of texts) valueOf(text);
    return { problem: settled, names: known?.problem === settled ? known.names : [VALUE_NAME] };
  }
  if (preset !== undefined) return { problem: settled, names: preset.labels };
  if (known?.problem === settled && texts.every(({ label }) => classNumber(label, known.names) !== undefined))
    return known;
  const names = [...new Set(texts.map(({ label }) => String(label)))].sort(byNumberOrName);
  refuseUseless(names, texts);
  return { problem: settled, names };
}

/** The target of a text. @throws ExpectedError `data/unknownLabel`, `data/notANumber` */
export function targetOf(text: LabelledText, { problem, names }: TextLabels): TextTarget {
  if (problem === 'regression') return { value: valueOf(text) };
  const number = classNumber(text.label, names);
  if (number !== undefined) return { class: number };
  throw recordError(
    text.place,
    'data/unknownLabel',
    `the label ${JSON.stringify(text.label)} is none of ${listed(names)}`,
    'Correct the label, or let the training data have an example of it.',
  );
}

function settleProblem(texts: readonly LabelledText[], asked: RunConfiguration['data']['problem']): TextProblem {
  if (asked !== 'auto') return asked;
  const isNumber = ({ label }: LabelledText): boolean => Number.isFinite(Number(label));
  const hasFraction = texts.some(({ label }) => !Number.isInteger(Number(label)));
  return hasFraction && texts.every(isNumber) ? 'regression' : 'classification';
}

/** A class by its name, or else by its number. */
function classNumber(label: RawLabel, names: readonly string[]): number | undefined {
  const byName = names.indexOf(String(label));
  if (byName >= 0) return byName;
  const number = Number(label);
  return Number.isInteger(number) && number >= 0 && number < names.length ? number : undefined;
}

function valueOf({ label, place }: LabelledText): number {
  const value = Number(label);
  if (Number.isFinite(value)) return value;
  const fix = 'Correct the label, or set data.problem to "classification".';
  throw recordError(place, 'data/notANumber', `expected a number as label, found ${JSON.stringify(label)}`, fix);
}

function byNumberOrName(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)];
  if (Number.isFinite(left) && Number.isFinite(right)) return left - right;
  return a < b ? -1 : 1;
}

function refuseUseless(names: readonly string[], texts: readonly LabelledText[]): void {
  const file = texts[0]?.place.file ?? '';
  if (names.length === 1) {
    const problem = `every text has the label ${JSON.stringify(names[0])}, expected at least two different ones`;
    throw new ExpectedError('data/oneLabel', problem, 'Name the field of the label in data.fields.', { file });
  }
  if (names.length <= MOST_LABELS) return;
  throw new ExpectedError(
    'data/tooManyLabels',
    `the data has ${String(names.length)} different labels, expected at most ${String(MOST_LABELS)}`,
    'Name the field of the label in data.fields, or set data.problem to "regression".',
    { file },
  );
}

function listed(names: readonly string[]): string {
  return names.length <= 12
    ? names.join(', ')
    : `${names.slice(0, 12).join(', ')} and ${String(names.length - 12)} more`;
}
