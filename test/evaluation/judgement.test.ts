/** Judging answers: the official extraction of both families, and the scorings of data of one's own. */
import { describe, expect, test } from 'vitest';
import {
  judgeByChoice,
  judgeByContent,
  judgeByNumber,
  judgeByPattern,
  judgeExactly,
} from '../../engine/evaluation/judgement.ts';
import { requestedTasks, TASKS } from '../../engine/evaluation/taskRegistry.ts';

const PROMPT = 'Is ice cold?\n';

function judgeTask(name: string, generated: string, expected: string): { got: string | null; isRight: boolean } {
  const task = TASKS.find((candidate) => candidate.name === name);
  return task!.judge({ prompt: PROMPT, generated }, expected);
}

describe('commonsense', () => {
  test.each([
    ['the correct answer is true', 'true', 'true', true],
    ['I think the correct answer is  true \n', 'true', 'true', true],
    ['the correct answer is true.', 'true', 'true.', false],
    ['true', 'true', null, false],
    [
      'the correct answer is true and the correct answer is false',
      'false',
      'true and the correct answer is false',
      false,
    ],
  ])('%j', (generated, expected, got, isRight) => {
    expect(judgeTask('boolq', generated, expected)).toEqual({ got, isRight });
  });

  test('choices come from the answer format', () => {
    const [{ task } = { task: undefined }] = requestedTasks(['piqa']);
    const question = 'Please choose.\n\nSolution1: a/b\n\nSolution2: c\n\nAnswer format: solution1/solution2';
    expect(task?.choicesOf(question).map(({ label, text }) => [label, text])).toEqual([
      ['solution1', 'the correct answer is solution1'],
      ['solution2', 'the correct answer is solution2'],
    ]);
    expect(task?.choicesOf('An open question')).toEqual([]);
  });
});

describe('arithmetic', () => {
  test.each([
    ['gsm8k', 'So 3 + 4 = 7. The answer is 7.', '7.0', '7.', true],
    ['gsm8k', 'It costs $1,234.5 in all', '1234.5', '1234.5', true],
    ['gsm8k', '7 minus 9 is -2', '-2', '-2', true],
    ['gsm8k', 'about 0.3333', '0.33333', '0.3333', true],
    ['gsm8k', 'about 0.33', '0.3333', '0.33', false],
    ['gsm8k', 'I do not know', '7', null, false],
    ['AQuA', 'The answer is (C), not D', 'C', 'C', true],
    ['AQuA', 'A simple sum gives C', 'C', 'A', false],
    ['AQuA', 'none', 'C', null, false],
  ])('%s: %j', (task, generated, expected, got, isRight) => {
    expect(judgeTask(task, generated, expected)).toEqual({ got, isRight });
  });
});

describe('data of one’s own', () => {
  const answer = (generated: string): { prompt: string; generated: string } => ({ prompt: PROMPT, generated });

  test('exact, contains and number', () => {
    expect(judgeExactly(answer(' Paris\n'), ' Paris')).toEqual({ got: 'Paris', isRight: true });
    expect(judgeExactly(answer('Paris, France'), 'Paris').isRight).toBe(false);
    expect(judgeByContent(answer('It is Paris.'), 'Paris').isRight).toBe(true);
    expect(judgeByContent(answer('It is Rome.'), 'Paris').isRight).toBe(false);
    expect(judgeByNumber(answer('2 + 2 = 4'), '4')).toEqual({ got: '4', isRight: true });
  });

  test('a pattern may stand anywhere', () => {
    expect(judgeByPattern(answer('on 12 May'), '\\d+ (May|June)')).toEqual({ got: '12 May', isRight: true });
    expect(judgeByPattern(answer('in May'), '\\d+ May')).toEqual({ got: null, isRight: false });
  });

  test('the choice that is named first counts, of two at one place the longer', () => {
    const judge = judgeByChoice(['in', 'india', 'peru']);
    expect(judge(answer('india, not peru'), 'india')).toEqual({ got: 'india', isRight: true });
    expect(judge(answer('peru'), 'india')).toEqual({ got: 'peru', isRight: false });
    expect(judge(answer('?'), 'india')).toEqual({ got: null, isRight: false });
  });
});

describe('the registry', () => {
  test('knows eight commonsense and seven arithmetic tasks, by name and family, in any case', () => {
    expect(requestedTasks(['commonsense'])).toHaveLength(8);
    expect(requestedTasks(['Arithmetic', 'GSM8K', 'boolq'])).toHaveLength(8);
    expect(
      requestedTasks(['commonsense', 'BoolQ'])
        .filter(({ isNamed }) => isNamed)
        .map(({ task }) => task.name),
    ).toEqual(['boolq']);
  });

  test('refuses what it does not know', () => {
    expect(() => requestedTasks(['boolQQ'])).toThrow(/there is no task "boolQQ"/);
  });
});
