/** Shapes of records: {instruction, input, output}, {prompt, completion}, {messages}, {text}, found by field names. */
import { ExpectedError } from '../errors/expected.ts';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';
import type { ReportProblem } from './problems.ts';
import { describeValue, recordError, type SourceRecord } from './formats/record.ts';
import { readMessages, type Message } from './messages.ts';

export type DataShape = Exclude<RunConfiguration['data']['shape'], 'auto' | 'labelledText'>;

/** Renames: the shape's field name to the name in the file. */
export type FieldNames = RunConfiguration['data']['fields'];

/** A record's content, checked. */
export type Example =
  | { readonly shape: 'instruction'; readonly instruction: string; readonly input: string; readonly output: string }
  | { readonly shape: 'completion'; readonly prompt: string; readonly completion: string }
  | { readonly shape: 'messages'; readonly messages: readonly Message[] }
  | { readonly shape: 'text'; readonly text: string };

/** The fields by which each shape is known, in the order in which the shapes are tried. */
const REQUIRED_FIELDS = {
  messages: ['messages'],
  instruction: ['instruction', 'output'],
  completion: ['prompt', 'completion'],
  text: ['text'],
} as const satisfies Record<DataShape, readonly string[]>;

const SHAPES = Object.keys(REQUIRED_FIELDS) as readonly DataShape[];

const RENAMABLE: readonly string[] = [...Object.values(REQUIRED_FIELDS).flat(), 'input', 'role', 'content'];

const SHAPE_LIST =
  '{instruction, input (optional), output}, {prompt, completion}, {messages: [{role, content}]} or {text}';

/** @throws ExpectedError `data/unknownField` where `data.fields` renames a field that no shape has */
export function checkFieldNames(fields: FieldNames): void {
  const unknown = Object.keys(fields).find((name) => !RENAMABLE.includes(name));
  if (unknown === undefined) return;
  throw new ExpectedError(
    'data/unknownField',
    `renames ${JSON.stringify(unknown)}, expected one of ${RENAMABLE.join(', ')}`,
    'Write the shape\'s name on the left and the name in your file on the right, such as {"instruction": "question"}.',
    { field: 'data.fields' },
  );
}

/**
 * The first shape all of whose required fields the record has.
 * @throws ExpectedError `data/unknownShape`
 */
export function detectShape(source: SourceRecord, fields: FieldNames): DataShape {
  const shape = SHAPES.find((candidate) =>
    REQUIRED_FIELDS[candidate].every((name) => Object.hasOwn(source.record, fields[name] ?? name)),
  );
  if (shape !== undefined) return shape;
  throw recordError(
    source.place,
    'data/unknownShape',
    `found the fields ${fieldList(source)}, expected ${SHAPE_LIST}`,
    'Name your fields in data.fields, such as {"instruction": "question", "output": "answer"}; data.shape chooses the shape.',
  );
}

/** The record's content in the given shape; nothing where problems were reported instead. */
export function readExample(
  source: SourceRecord,
  shape: DataShape,
  fields: FieldNames,
  report: ReportProblem,
): Example | undefined {
  const text = (name: string, need: Need): string | undefined => readText(source, name, fields[name], need, report);
  switch (shape) {
    case 'instruction': {
      const [instruction, input, output] = [
        text('instruction', 'any'),
        text('input', 'optional'),
        text('output', 'filled'),
      ];
      if (instruction === undefined || input === undefined || output === undefined) return undefined;
      return { shape, instruction, input, output };
    }
    case 'completion': {
      const [prompt, completion] = [text('prompt', 'any'), text('completion', 'filled')];
      return prompt === undefined || completion === undefined ? undefined : { shape, prompt, completion };
    }
    case 'messages': {
      const messages = readMessages(source, fields, report);
      return messages === undefined ? undefined : { shape, messages };
    }
    case 'text': {
      const content = text('text', 'filled');
      return content === undefined ? undefined : { shape, text: content };
    }
  }
}

/** `any`: must be there, may be empty; `filled`: must hold text, since it is what is learnt; `optional`: may be absent. */
type Need = 'any' | 'filled' | 'optional';

function readText(
  source: SourceRecord,
  name: string,
  renamed: string | undefined,
  need: Need,
  report: ReportProblem,
): string | undefined {
  const key = renamed ?? name;
  const value = Object.hasOwn(source.record, key) ? source.record[key] : undefined;
  if (need === 'optional' && (value === undefined || value === null)) return '';
  if (typeof value === 'string' && !(need === 'filled' && value === '')) return value;
  if (value === undefined) {
    const problem = `${needed(name, renamed)} is missing, found the fields ${fieldList(source)}`;
    report(recordError(source.place, 'data/missingField', problem, MISSING_FIX, key));
  } else if (value === '') {
    report(recordError(source.place, 'data/emptyField', `${needed(name, renamed)} is empty`, EMPTY_FIX, key));
  } else {
    const problem = `expected text, found ${describeValue(value)}`;
    report(recordError(source.place, 'data/wrongType', problem, 'Write the value as text in quotes.', key));
  }
  return undefined;
}

const MISSING_FIX = 'Add the field, or name the right one in data.fields; data.shape chooses another shape.';
const EMPTY_FIX = 'Fill it in or remove the record: nothing can be learnt from an empty answer.';

function needed(name: string, renamed: string | undefined): string {
  return renamed === undefined ? name : `${renamed} (data.fields: ${name})`;
}

function fieldList(source: SourceRecord): string {
  const names = Object.keys(source.record);
  if (names.length === 0) return '(none)';
  return names.length <= 12
    ? names.join(', ')
    : `${names.slice(0, 12).join(', ')} and ${String(names.length - 12)} more`;
}
