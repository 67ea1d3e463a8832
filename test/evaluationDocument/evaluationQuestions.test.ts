/** Tests what is asked of the engine for each way to evaluate a model from the editor. */
import { afterEach, expect, test } from 'vitest';
import { chooseQuestions } from '../../extension/evaluation/evaluationQuestions.ts';
import { chooseTextQuestions } from '../../extension/evaluation/textQuestions.ts';
import { answers } from '../vscode/fakeVscode.ts';

afterEach(() => {
  delete answers.openPath;
  delete answers.labels;
});

function choose(path: string | undefined, ...labels: string[]): ReturnType<typeof chooseQuestions> {
  if (path !== undefined) answers.openPath = path;
  answers.labels = labels;
  return chooseQuestions('Evaluate run', '/data/train.jsonl');
}

test('a data file is scored in the chosen way', async () => {
  const questions = await choose('/data/held-out.jsonl', 'A Data File', 'Number');
  expect(questions).toEqual({ tasks: [], data: '/data/held-out.jsonl', scoring: 'number', method: 'generate' });
  const likely = await choose('/data/held-out.jsonl', 'A Data File', 'Choice by Likelihood');
  expect(likely).toMatchObject({ scoring: 'choice', method: 'likelihood' });
});

test('published tasks are asked by their family, of a folder, as many questions as wanted', async () => {
  const few = await choose('/data/commonsense', 'Commonsense Tasks', 'The first 100');
  expect(few).toMatchObject({ tasks: ['commonsense'], data: '/data/commonsense', method: 'generate', limit: 100 });
  const all = await choose('/data/arithmetic', 'Arithmetic Tasks', 'All');
  expect(all).toMatchObject({ tasks: ['arithmetic'], data: '/data/arithmetic' });
  expect(all).not.toHaveProperty('limit');
});

test('whoever changes their mind at any question evaluates nothing', async () => {
  expect(await choose('/data')).toBeUndefined();
  expect(await choose(undefined, 'Commonsense Tasks')).toBeUndefined();
  expect(await choose('/data', 'Commonsense Tasks', 'no such label')).toBeUndefined();
  expect(await choose('/data/own.jsonl', 'A Data File', 'no such label')).toBeUndefined();
});

test('an encoder is asked a task of GLUE by its file, all tasks by their folder, or a file of its own', async () => {
  const chooseTexts = (path: string, label: string): ReturnType<typeof chooseTextQuestions> => {
    answers.openPath = path;
    answers.labels = [label];
    return chooseTextQuestions('Evaluate run', '/data/train.tsv');
  };
  const likely = { scoring: 'exact', method: 'likelihood' };
  expect(await chooseTexts('/glue/CoLA/dev.tsv', 'CoLA')).toEqual({
    ...likely,
    tasks: ['cola'],
    data: '/glue/CoLA/dev.tsv',
  });
  expect(await chooseTexts('/glue', 'GLUE')).toEqual({ ...likely, tasks: ['glue'], data: '/glue' });
  expect(await chooseTexts('/own.csv', 'A Data File')).toEqual({ ...likely, tasks: [], data: '/own.csv' });
  expect(await chooseTexts('/own.csv', 'no such label')).toBeUndefined();
});
