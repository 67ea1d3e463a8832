/** Which fields of a record hold the text, the second text of a pair, and the label. */
import type { TextTaskName } from '../../protocol/answers/textTasks.ts';
import { recordError, type SourceRecord } from '../formats/record.ts';
import { TEXT_TASK_TABLE } from './textTask.ts';
import type { FieldNames } from '../shape.ts';
import { ExpectedError } from '../../errors/expected.ts';

export interface TextFields {
  readonly text: string;
  /** Undefined where texts stand alone. */
  readonly pair: string | undefined;
  readonly label: string;
}

/** Names by which fields are known where neither a task nor the configuration names them, the likeliest first. */
const TEXT_NAMES = ['text', 'sentence1', 'premise', 'question1', 'question', 'sentence', 'text1', 'review', 'title'];
const PAIR_NAMES = ['pair', 'text_pair', 'text2', 'sentence2', 'hypothesis', 'question2'];
const LABEL_NAMES = ['label', 'labels', 'gold_label', 'class', 'category', 'score', 'target', 'is_duplicate'];

const RENAMABLE: readonly string[] = ['text', 'pair', 'label'];

/** @throws ExpectedError `data/unknownField` where `data.fields` renames a field that a labelled text does not have */
export function checkTextFieldNames(fields: FieldNames): void {
  const unknown = Object.keys(fields).find((name) => !RENAMABLE.includes(name));
  if (unknown === undefined) return;
  throw new ExpectedError(
    'data/unknownField',
    `renames ${JSON.stringify(unknown)}, expected one of ${RENAMABLE.join(', ')}`,
    'Write "text", "pair" or "label" on the left and the name in your file on the right, such as {"text": "review"}.',
    { field: 'data.fields' },
  );
}

/**
 * @param first the file's first record
 * @throws ExpectedError `data/unknownShape`
 */
export function findTextFields(first: SourceRecord, task: TextTaskName | undefined, renamed: FieldNames): TextFields {
  const found = (names: readonly string[] | undefined): string | undefined =>
    names?.find((name) => Object.hasOwn(first.record, name));
  const preset = task === undefined ? undefined : TEXT_TASK_TABLE[task];
  const text = renamed['text'] ?? found(preset === undefined ? TEXT_NAMES : preset.fields[0]);
  const pair = renamed['pair'] ?? found(preset === undefined ? pairNames(text) : preset.fields[1]);
  const label = renamed['label'] ?? found(preset === undefined ? LABEL_NAMES : preset.label);
  const isPairMissing = preset?.fields[1] !== undefined && pair === undefined;
  if (text !== undefined && label !== undefined && !isPairMissing) return { text, pair, label };
  const expected =
    preset === undefined
      ? 'a text, perhaps a second one, and a label, such as {text, label} or {sentence1, sentence2, label}'
      : `those of ${preset.name}: ${[...preset.fields, preset.label].map((names) => (names ?? []).join(' or ')).join(', ')}`;
  const fields = Object.keys(first.record).join(', ');
  const fix = 'Name your fields in data.fields, such as {"text": "review", "label": "stars"}.';
  throw recordError(first.place, 'data/unknownShape', `found the fields ${fields}, expected ${expected}`, fix);
}

/** A question's second text may be a sentence, but a sentence has none of its own. */
function pairNames(text: string | undefined): readonly string[] {
  return text === 'question' ? [...PAIR_NAMES, 'sentence'] : PAIR_NAMES;
}
