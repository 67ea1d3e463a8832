/** Reads the examples of data files: from records through shape and template to text. */
import { ExpectedError } from '../errors/expected.ts';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';
import type { DataTokenizer } from './dataTokenizer.ts';
import type { DataFormat } from './formats/fileFormat.ts';
import type { ReportProblem } from './problems.ts';
import type { RecordPlace, SourceRecord } from './formats/record.ts';
import { readRecords, resolveFormat } from './formats/recordReader.ts';
import { checkFieldNames, detectShape, readExample, type DataShape } from './shape.ts';
import { renderExample, resolveTemplate, type DataTemplate, type RenderedExample } from './template.ts';

/** The `data` part of a run configuration, paths resolved. */
export type DataConfiguration = RunConfiguration['data'];

/** A data file and how it is read. Shape and template are told by its first record. */
export interface DataSource {
  readonly file: string;
  readonly format: DataFormat;
  readonly shape: DataShape;
  readonly template: DataTemplate;
}

/** One record of a file; `rendered` is absent where problems were reported. */
export interface ReadExample {
  readonly source: DataSource;
  readonly place: RecordPlace;
  readonly rendered: RenderedExample | undefined;
}

/**
 * The examples of `file` in order.
 * @throws ExpectedError where the file cannot be read, or its shape or template do not fit; lesser problems are reported
 */
export async function* readExamples(
  file: string,
  data: DataConfiguration,
  tokenizer: Pick<DataTokenizer, 'renderChat'>,
  report: ReportProblem,
): AsyncGenerator<ReadExample, void, undefined> {
  checkFieldNames(data.fields);
  const format = await resolveFormat(file, data.format);
  let source: DataSource | undefined;
  for await (const record of readRecords(file, format, report)) {
    source ??= describeSource(file, format, record, data, tokenizer);
    yield { source, place: record.place, rendered: renderRecord(record, source, data, tokenizer, report) };
  }
}

function describeSource(
  file: string,
  format: DataFormat,
  first: SourceRecord,
  data: DataConfiguration,
  tokenizer: Pick<DataTokenizer, 'renderChat'>,
): DataSource {
  const shape = shapeOf(first, data);
  return { file, format, shape, template: resolveTemplate(data.template, shape, tokenizer) };
}

function shapeOf(first: SourceRecord, { shape, fields, task }: DataConfiguration): DataShape {
  if (shape !== 'labelledText' && task === undefined) return shape === 'auto' ? detectShape(first, fields) : shape;
  throw new ExpectedError(
    'data/encoderShape',
    'labelled texts train encoders, and the base writes text',
    'Choose an encoder as base, or remove data.task and let data.shape be "auto".',
    { field: task === undefined ? 'data.shape' : 'data.task' },
  );
}

function renderRecord(
  record: SourceRecord,
  source: DataSource,
  data: DataConfiguration,
  tokenizer: Pick<DataTokenizer, 'renderChat'>,
  report: ReportProblem,
): RenderedExample | undefined {
  const example = readExample(record, source.shape, data.fields, report);
  if (example === undefined) return undefined;
  return attemptAtRecord(record.place, report, () => renderExample(example, source.template, tokenizer, record.place));
}

/** What `work` gives; an expected error of the tokenizer or its chat template is reported at the record instead. */
export function attemptAtRecord<T>(place: RecordPlace, report: ReportProblem, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    report(error.place.file === place.file ? error : placed(error, place));
    return undefined;
  }
}

/** An error of the tokenizer, which knows nothing of data files, at the record that caused it. */
function placed(error: ExpectedError, { file, line, unit }: RecordPlace): ExpectedError {
  const place = unit === 'line' ? { file, line } : { file };
  const problem = unit === 'line' ? error.problem : `row ${String(line)}: ${error.problem}`;
  return new ExpectedError(error.code, problem, error.fix, place, error);
}
