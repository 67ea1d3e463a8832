/** Reads the test file of a published task into questions. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataTokenizer } from '../data/dataTokenizer.ts';
import { collectProblems, type ReportProblem } from '../data/problems.ts';
import { describeValue, recordError, type SourceRecord } from '../data/formats/record.ts';
import { readRecords, resolveFormat } from '../data/formats/recordReader.ts';
import { promptOf, renderExample, type RenderedExample } from '../data/template.ts';
import { createExampleEncoder, type ExampleEncoder } from '../data/tokenization.ts';
import { ExpectedError } from '../errors/expected.ts';
import type { EvaluationItem, EvaluationSet } from './evaluationSet.ts';
import type { Task } from './task.ts';

/** The task's file in a folder: as `NAME.test.json`, or as in LLM-Adapters `NAME/test.json`, perhaps in its family's folder. */
export async function taskFile(task: Task, folder: string): Promise<string | undefined> {
  const names = [`${task.name}.test.json`, join(task.name, 'test.json')];
  for (const name of names.flatMap((plain) => [plain, join(task.family, plain)])) {
    const file = join(folder, name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

export function missingTaskFile(task: Task, folder: string): ExpectedError {
  return new ExpectedError(
    'evaluation/noTaskFile',
    `expected ${task.name}.test.json or ${task.name}/test.json, found neither`,
    'Give the folder of the data sets of LLM-Adapters (github.com/AGI-Edgerunners/LLM-Adapters, "dataset").',
    { file: folder },
  );
}

/** @throws ExpectedError `data/…` with every faulty record among the first */
export async function readTask(
  task: Task,
  file: string,
  tokenizer: DataTokenizer,
  limit: number,
): Promise<EvaluationSet> {
  const encoder = createExampleEncoder(tokenizer);
  const { report, throwReported } = collectProblems();
  const items: EvaluationItem[] = [];
  for await (const source of readRecords(file, await resolveFormat(file, 'auto'), report)) {
    if (items.length >= limit) break;
    const item = readItem(task, source, items.length, tokenizer, encoder, report);
    if (item !== undefined) items.push(item);
  }
  throwReported();
  const { name, judge, maxNewTokens } = task;
  return { task: name, scoring: 'task', file, judge, maxNewTokens, items };
}

function readItem(
  task: Task,
  { record, place }: SourceRecord,
  index: number,
  tokenizer: DataTokenizer,
  encoder: ExampleEncoder,
  report: ReportProblem,
): EvaluationItem | undefined {
  const [question, expected] = ['instruction', 'answer'].map((field) => {
    const value = record[field];
    if (typeof value === 'string') return value;
    const problem = `expected text, found ${value === undefined ? 'no such field' : describeValue(value)}`;
    report(recordError(place, 'data/wrongType', problem, 'A task needs the fields instruction and answer.', field));
    return undefined;
  });
  if (question === undefined || expected === undefined) return undefined;
  const rendered = (output: string): RenderedExample =>
    renderExample({ shape: 'instruction', instruction: question, input: '', output }, task.template, tokenizer, place);
  const asked = promptOf(rendered(''));
  const prompt = Int32Array.from(encoder.encodePrompt(asked));
  const choices = task.choicesOf(question).map(({ label, text }) => {
    const { ids } = encoder.encodeExample(rendered(text), false);
    return { label, tokens: Int32Array.from(ids.slice(prompt.length, -1)) };
  });
  const promptText = asked.spans.map(({ text }) => text).join('');
  return { index, question: question.trim(), expected, promptText, prompt, choices, example: undefined };
}
