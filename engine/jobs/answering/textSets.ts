/** The labelled texts that an encoder is evaluated on: the development set of a task of GLUE, or a data file of one's own. */
import { access, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { EncodeTexts } from '../../checkpoint/tokenizer/textEncoder.ts';
import { collectProblems } from '../../data/problems.ts';
import { encodeText } from '../../data/texts/textData.ts';
import type { TextLabels } from '../../data/texts/textLabels.ts';
import { readLabelledTexts } from '../../data/texts/textReader.ts';
import { TEXT_TASK_TABLE, type TextTask } from '../../data/texts/textTask.ts';
import type { TokenizedExample } from '../../data/tokenization.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { runConfigurationSchema, type RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { EvaluateParams } from '../../protocol/answers/evaluation.ts';
import { TEXT_TASKS, type TextTaskName } from '../../protocol/answers/textTasks.ts';
import { readRunRecord } from '../../run/runRecord.ts';

export interface TextSet {
  /** The task's name, or the data file's. */
  readonly name: string;
  readonly task: TextTaskName | undefined;
  readonly file: string;
  readonly examples: readonly TokenizedExample[];
}

/** All tasks of GLUE by one name. */
const FAMILY = 'glue';

/** Where a task's development set is found in its folder, the published file first. */
const FILES = ['dev.tsv', 'dev_matched.tsv', 'dev.jsonl', 'validation.jsonl', 'dev.parquet', 'validation.parquet'];

/**
 * @param labels of the classifier that is asked
 * @throws ExpectedError `evaluation/…`, `data/…`
 */
export async function textSets(
  { tasks, data, limit = Infinity }: EvaluateParams,
  labels: TextLabels,
  encode: EncodeTexts,
  runFolder: string | undefined,
): Promise<{ readonly sets: readonly TextSet[]; readonly missing: readonly string[] }> {
  const isFolder = (await explainingErrors(data, () => stat(data))).isDirectory();
  const reading = await readingOf(data, runFolder);
  const sets: TextSet[] = [];
  const missing: string[] = [];
  if (tasks.length === 0) {
    if (isFolder) throw noDataFile(data);
    const examples = await readSet(data, reading, labels, encode, limit);
    return { sets: [{ name: basename(data), task: reading.task, file: data, examples }], missing };
  }
  for (const { task, isNamed } of requestedTasks(tasks)) {
    const file = isFolder ? await taskFile(task, data) : data;
    if (file !== undefined) {
      const read = { ...reading, fields: {}, task: task.name };
      sets.push({ name: task.name, task: task.name, file, examples: await readSet(file, read, labels, encode, limit) });
    } else if (isNamed) throw noTaskFile(task, data);
    else missing.push(task.name);
  }
  return { sets, missing };
}

/** A run's data is read as the run read its own; other data by the defaults. */
async function readingOf(file: string, runFolder: string | undefined): Promise<RunConfiguration['data']> {
  if (runFolder === undefined) return runConfigurationSchema.shape.data.parse({ train: file });
  return { ...(await readRunRecord(runFolder)).configuration.data, train: file, format: 'auto' };
}

async function readSet(
  file: string,
  data: RunConfiguration['data'],
  labels: TextLabels,
  encode: EncodeTexts,
  limit: number,
): Promise<readonly TokenizedExample[]> {
  const { report, throwReported } = collectProblems();
  const examples: TokenizedExample[] = [];
  for await (const { text } of readLabelledTexts(file, data, report)) {
    if (examples.length >= limit) break;
    if (text === undefined) continue;
    const outcome = encodeText(text, labels, { ...data, tooLong: 'truncate' }, encode, report);
    if (outcome !== undefined && outcome !== 'skipped') examples.push(outcome.example);
  }
  throwReported();
  if (examples.length > 0) return examples;
  throw new ExpectedError('evaluation/noExamples', 'holds no labelled text', 'Give a file with labels.', { file });
}

interface RequestedTask {
  readonly task: TextTask;
  readonly isNamed: boolean;
}

function requestedTasks(names: readonly string[]): readonly RequestedTask[] {
  return names.flatMap((name): RequestedTask[] => {
    const wanted = name.toLowerCase().replaceAll('-', '');
    if (wanted === FAMILY) return TEXT_TASKS.map((task) => ({ task: TEXT_TASK_TABLE[task], isNamed: false }));
    const found = TEXT_TASKS.find((task) => task === wanted);
    if (found !== undefined) return [{ task: TEXT_TASK_TABLE[found], isNamed: true }];
    throw new ExpectedError(
      'evaluation/unknownTask',
      `there is no task ${JSON.stringify(name)} for an encoder`,
      `Choose of ${[FAMILY, ...TEXT_TASKS].join(', ')}; or give a data file of your own.`,
    );
  });
}

async function taskFile({ name, folder }: TextTask, parent: string): Promise<string | undefined> {
  for (const place of [folder, name, '']) {
    for (const file of FILES) {
      const path = join(parent, place, file);
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      if (isThere) return path;
    }
  }
  return undefined;
}

function noTaskFile({ folder }: TextTask, file: string): ExpectedError {
  const problem = `expected ${folder}/dev.tsv or another development set of the task, found none`;
  const fix = 'Give the folder of the unpacked GLUE data, or the file itself.';
  return new ExpectedError('evaluation/noTaskFile', problem, fix, { file });
}

function noDataFile(file: string): ExpectedError {
  const fix = 'Give a data file, or name tasks whose files are in this folder.';
  return new ExpectedError('evaluation/noDataFile', 'is a folder, expected a data file', fix, { file });
}
