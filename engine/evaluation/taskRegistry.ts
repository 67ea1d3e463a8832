/** Every task that can be evaluated, by name and by family. */
import { ExpectedError } from '../errors/expected.ts';
import { TASK_FAMILIES } from '../protocol/answers/evaluation.ts';
import type { Task } from './task.ts';
import { ARITHMETIC_TASKS } from './tasks/arithmetic.ts';
import { COMMONSENSE_TASKS } from './tasks/commonsense.ts';

export const TASKS: readonly Task[] = [...COMMONSENSE_TASKS, ...ARITHMETIC_TASKS];

/** A task, and whether it was asked for by its own name: one of a family may be left out where its file is missing. */
export interface RequestedTask {
  readonly task: Task;
  readonly isNamed: boolean;
}

/**
 * @param names of tasks or families, in any case
 * @throws ExpectedError `evaluation/unknownTask`
 */
export function requestedTasks(names: readonly string[]): readonly RequestedTask[] {
  const requested = new Map<string, RequestedTask>();
  for (const name of names) {
    const wanted = name.toLowerCase();
    const found = TASKS.filter((task) => task.name.toLowerCase() === wanted || task.family === wanted);
    if (found.length === 0) throw unknownTask(name);
    const isNamed = !TASK_FAMILIES.some((family) => family === wanted);
    for (const task of found) {
      requested.set(task.name, { task, isNamed: isNamed || requested.get(task.name)?.isNamed === true });
    }
  }
  return [...requested.values()];
}

/**
 * What one file asks: a task, or questions of a whole family, whose tasks are put and judged alike.
 * @throws ExpectedError `evaluation/unknownTask`, `evaluation/noFolder`
 */
export function taskOfFile(names: readonly string[], file: string): Task {
  const [first, ...others] = requestedTasks(names);
  if (first === undefined) throw new Error('no task was asked for');
  const { task } = first;
  if (others.length === 0) return task;
  const isFamily = names.length === 1;
  if (isFamily) return { ...task, name: task.family, title: `questions of ${task.family} tasks` };
  const fix = 'Give the folder that holds the test files, or name the one task or family that the file asks.';
  throw new ExpectedError('evaluation/noFolder', "expected the folder of the tasks' files", fix, { file });
}

function unknownTask(name: string): ExpectedError {
  const known = [...TASK_FAMILIES, ...TASKS.map((task) => task.name)].join(', ');
  return new ExpectedError(
    'evaluation/unknownTask',
    `there is no task ${JSON.stringify(name)}`,
    `Choose of ${known}; or give a data file of your own.`,
  );
}
