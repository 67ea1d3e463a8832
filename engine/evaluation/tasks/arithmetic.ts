/** The seven arithmetic tasks in the form of LLM-Adapters, prompted and judged as in the official NeuroAda evaluation. */
import { judgeByNumber, type Judge } from '../judgement.ts';
import type { Choice, Task } from '../task.ts';

/** The official limit of an answer, which holds its whole reasoning. */
const MAX_NEW_TOKENS = 512;

const TITLES = {
  MultiArith: 'word problems of several steps',
  gsm8k: 'word problems of grade school',
  AddSub: 'word problems of addition and subtraction',
  AQuA: 'algebra with five answers to choose from',
  SingleEq: 'word problems of one equation',
  SVAMP: 'word problems with varied structures',
  mawps: 'word problems of many collections',
} as const;

/** A number is right within a thousandth of the last one written; a letter (AQuA) is the first one of A to E. */
const judge: Judge = (answer, expected) => {
  if (isNumber(expected)) return judgeByNumber(answer, expected);
  const got = /[A-E]/.exec(answer.generated)?.[0] ?? null;
  return { got, isRight: got === expected.trim() };
};

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** AQuA lists its choices in the question: "(A) 23.65 (B) 1000". */
function choicesOf(question: string): readonly Choice[] {
  const [, list] = /Answer Choices:(.*)$/s.exec(question) ?? [];
  const letters = list?.matchAll(/\(([A-E])\)/g) ?? [];
  return Array.from(letters, ([, letter = '']) => ({ label: letter, text: `The answer is (${letter}` }));
}

export const ARITHMETIC_TASKS: readonly Task[] = Object.entries(TITLES).map(([name, title]) => ({
  ...{ name, title, judge, choicesOf },
  family: 'arithmetic',
  template: 'alpaca',
  maxNewTokens: MAX_NEW_TOKENS,
}));
