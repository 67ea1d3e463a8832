/** The questions that an evaluation asks: those of published tasks, or of a data file of one's own. */
import { stat } from 'node:fs/promises';
import type { CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import type { DataConfiguration } from '../../data/exampleReader.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { EvaluationSet } from '../../evaluation/evaluationSet.ts';
import { readOwnData } from '../../evaluation/ownItems.ts';
import { missingTaskFile, readTask, taskFile } from '../../evaluation/taskItems.ts';
import { requestedTasks, taskOfFile } from '../../evaluation/taskRegistry.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { runConfigurationSchema } from '../../protocol/configuration/configuration.ts';
import type { EvaluateParams } from '../../protocol/answers/evaluation.ts';
import { taskNames, type Questions } from '../../protocol/configuration/questions.ts';

export interface EvaluationSets {
  readonly sets: readonly EvaluationSet[];
  /** Tasks of a family whose file is not there. */
  readonly missing: readonly string[];
}

/** What is asked of a model, and how. */
export type AskedQuestions = Pick<
  EvaluateParams,
  'tasks' | 'data' | 'scoring' | 'method' | 'limit' | 'maxNewTokens' | 'rowCount'
>;

/** Answers that are generated side by side, where nobody says otherwise. */
const ROW_COUNT = 16;

/** The questions of a configuration. */
export function askedQuestions(questions: Questions): AskedQuestions {
  const { data, scoring, method, limit, maxNewTokens } = questions;
  return {
    ...{ tasks: taskNames(questions), data, scoring, method, rowCount: ROW_COUNT },
    ...(limit === undefined ? {} : { limit }),
    ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
  };
}

/**
 * @param reading how the data of the model's run is read, and with it a data file of one's own
 * @throws ExpectedError `evaluation/…`, `data/…`
 */
export async function evaluationSets(
  params: AskedQuestions,
  tokenizer: CheckpointTokenizer,
  reading: DataConfiguration | undefined,
): Promise<EvaluationSets> {
  const isFolder = (await explainingErrors(params.data, () => stat(params.data))).isDirectory();
  const limit = params.limit ?? Infinity;
  const { sets, missing } =
    params.tasks.length > 0
      ? await taskSets(params, isFolder, tokenizer, limit)
      : { sets: [await ownSet(params, isFolder, tokenizer, reading, limit)], missing: [] };
  for (const set of sets) refuseUnanswerable(set, params);
  return { sets, missing };
}

async function taskSets(
  { tasks, data }: AskedQuestions,
  isFolder: boolean,
  tokenizer: CheckpointTokenizer,
  limit: number,
): Promise<EvaluationSets> {
  if (!isFolder) return { sets: [await readTask(taskOfFile(tasks, data), data, tokenizer, limit)], missing: [] };
  const sets: EvaluationSet[] = [];
  const missing: string[] = [];
  for (const { task, isNamed } of requestedTasks(tasks)) {
    const file = await taskFile(task, data);
    if (file !== undefined) sets.push(await readTask(task, file, tokenizer, limit));
    else if (isNamed) throw missingTaskFile(task, data);
    else missing.push(task.name);
  }
  if (sets.length > 0) return { sets, missing };
  const problem = `none of the tasks ${missing.join(', ')} has its file there`;
  const fix = 'Give the folder that holds them, such as boolq.test.json or boolq/test.json.';
  throw new ExpectedError('evaluation/noTaskFile', problem, fix, { file: data });
}

async function ownSet(
  { data, scoring }: AskedQuestions,
  isFolder: boolean,
  tokenizer: CheckpointTokenizer,
  reading: DataConfiguration | undefined,
  limit: number,
): Promise<EvaluationSet> {
  if (isFolder) {
    const fix = 'Give a data file, or name tasks whose files are in this folder.';
    throw new ExpectedError('evaluation/noDataFile', 'is a folder, expected a data file', fix, { file: data });
  }
  return readOwnData(data, readingOf(data, reading), scoring, tokenizer, limit);
}

/** A run's data is read as the run read its own; other data by the defaults. */
function readingOf(file: string, reading: DataConfiguration | undefined): DataConfiguration {
  if (reading === undefined) return runConfigurationSchema.shape.data.parse({ train: file });
  return { ...reading, train: file, format: 'auto' };
}

function refuseUnanswerable({ items, scoring, task, file }: EvaluationSet, { method }: AskedQuestions): void {
  if (items.length === 0) {
    throw new ExpectedError('evaluation/noExamples', 'holds no example', 'Give a file with examples.', { file });
  }
  if (method === 'generate' || scoring === 'perplexity') return;
  const open = items.find(({ choices }) => choices.length < 2 || choices.some(({ tokens }) => tokens.length === 0));
  if (open === undefined) return;
  throw new ExpectedError(
    'evaluation/noChoices',
    `example ${String(open.index + 1)} of ${task} has no answers to choose from, which the method "likelihood" needs`,
    'Let answers be generated, or score a file of your own with "choice".',
    { file },
  );
}
