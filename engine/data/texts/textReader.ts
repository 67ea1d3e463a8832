/** Reads the labelled texts of a data file: whatever format it has, and the quirks of the tasks' published files. */
import { extname } from 'node:path';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { TextTaskName } from '../../protocol/answers/textTasks.ts';
import type { DataFormat } from '../formats/fileFormat.ts';
import type { ReportProblem } from '../problems.ts';
import { describeValue, recordError, type RecordPlace, type SourceRecord } from '../formats/record.ts';
import { readRecords, resolveFormat } from '../formats/recordReader.ts';
import { readTabSeparated } from './tabSeparated.ts';
import { checkTextFieldNames, findTextFields, type TextFields } from './textFields.ts';
import { TEXT_TASK_TABLE } from './textTask.ts';

/** A label as a file has it: the name or number of a class, or a value. */
export type RawLabel = string | number;

export interface LabelledText {
  readonly place: RecordPlace;
  readonly texts: readonly [string, string?];
  readonly label: RawLabel;
}

/** A data file of labelled texts and how it is read. */
export interface TextSource {
  readonly file: string;
  readonly format: DataFormat;
  readonly fields: TextFields;
}

/** One record; `text` is absent where a text or the label is missing, or where problems were reported. */
export interface ReadText {
  readonly source: TextSource;
  readonly text: LabelledText | undefined;
}

type TextData = Pick<RunConfiguration['data'], 'format' | 'fields' | 'task'>;

/**
 * The labelled texts of `file` in order. Where the file is that of a task, records without a text or label are left out, as
 * the official readers do; in other files they are problems.
 *
 * @throws ExpectedError where the file cannot be read, or has no fields that fit; lesser problems are reported
 */
export async function* readLabelledTexts(
  file: string,
  { format: asked, fields: renamed, task }: TextData,
  report: ReportProblem,
): AsyncGenerator<ReadText, void, undefined> {
  checkTextFieldNames(renamed);
  const format = await textFormat(file, asked, task);
  const headerless = task === undefined ? undefined : TEXT_TASK_TABLE[task].headerless;
  const isPublished = task !== undefined && format === 'tsv';
  const records = isPublished ? readTabSeparated(file, headerless, report) : readRecords(file, format, report);
  let source: TextSource | undefined;
  for await (const record of records) {
    source ??= { file, format, fields: findTextFields(record, task, renamed) };
    yield { source, text: readText(record, source.fields, task !== undefined, report) };
  }
}

/** Some published files are TSV by the name of plain text. */
async function textFormat(
  file: string,
  asked: RunConfiguration['data']['format'],
  task: TextTaskName | undefined,
): Promise<DataFormat> {
  const isPlainText = task !== undefined && asked === 'auto' && extname(file).toLowerCase() === '.txt';
  return resolveFormat(file, isPlainText ? 'tsv' : asked);
}

function readText(
  { record, place }: SourceRecord,
  fields: TextFields,
  isLenient: boolean,
  report: ReportProblem,
): LabelledText | undefined {
  const value = (name: string): unknown => (Object.hasOwn(record, name) ? record[name] : undefined);
  const [text, pair] = [value(fields.text), fields.pair === undefined ? undefined : value(fields.pair)];
  const label = labelOf(value(fields.label));
  const isComplete = typeof text === 'string' && (fields.pair === undefined || typeof pair === 'string');
  if (isComplete && label !== undefined) {
    return { place, texts: typeof pair === 'string' ? [text, pair] : [text], label };
  }
  if (isLenient && isMissing(text, pair, fields, value(fields.label))) return undefined;
  const [field, found, expected] =
    typeof text !== 'string'
      ? [fields.text, text, 'text']
      : fields.pair !== undefined && typeof pair !== 'string'
        ? [fields.pair, pair, 'text']
        : [fields.label, value(fields.label), 'a label (text, number, true or false)'];
  const problem = `expected ${expected}, found ${found === undefined ? 'no such field' : describeValue(found)}`;
  report(
    recordError(place, 'data/wrongType', problem, 'Correct the record, or name other fields in data.fields.', field),
  );
  return undefined;
}

/** Whether what is wrong is no more than that something is not there. */
function isMissing(text: unknown, pair: unknown, fields: TextFields, label: unknown): boolean {
  const isThere = (value: unknown): boolean => typeof value === 'string' || value === undefined;
  return isThere(text) && (fields.pair === undefined || isThere(pair)) && isUnlabelled(label);
}

function isUnlabelled(label: unknown): boolean {
  return typeof label !== 'object' || label === null;
}

/** Undefined for what is no label: nothing, an empty text, `-` (no agreement, in MNLI) and -1 (hidden, in test files). */
function labelOf(value: unknown): RawLabel | undefined {
  if (typeof value === 'bigint') return labelOf(Number(value));
  if (typeof value === 'number') return Number.isFinite(value) && value !== -1 ? value : undefined;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || text === '-' || text === '-1' ? undefined : text;
}
