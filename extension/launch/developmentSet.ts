/** The development set that is published beside a task's training data. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Of GLUE's tasks and their copies; of MNLI the matched part. */
const NAMES = ['dev.tsv', 'dev_matched.tsv', 'dev.jsonl', 'validation.jsonl', 'dev.parquet', 'validation.parquet'];
const NUMBERED = /^(dev|validation(_matched)?)(-\d+-of-\d+)?\.(tsv|jsonl|json|csv|parquet)$/;

/** Undefined where there is none. @param train the training data */
export async function developmentSetBeside(train: string): Promise<string | undefined> {
  const files = await readdir(dirname(train));
  const others = files.filter((file) => file !== basename(train));
  const found = NAMES.find((name) => others.includes(name)) ?? others.toSorted().find((name) => NUMBERED.test(name));
  return found === undefined ? undefined : join(dirname(train), found);
}
