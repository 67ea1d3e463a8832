/** The eight commonsense tasks in the form of LLM-Adapters, prompted and judged as in the official NeuroAda evaluation. */
import type { Judge } from '../judgement.ts';
import type { Choice, Task } from '../task.ts';

/** The model's answer stands behind this text. */
const TRIGGER = 'the correct answer is ';

/** The official limit of an answer. */
const MAX_NEW_TOKENS = 32;

const TITLES = {
  boolq: 'yes-or-no questions to short texts',
  piqa: 'which of two solutions works in the physical world',
  social_i_qa: 'what people feel, want or do next',
  hellaswag: 'which ending continues a story',
  winogrande: 'what a pronoun stands for',
  'ARC-Easy': 'science questions of grade school, the easy ones',
  'ARC-Challenge': 'science questions of grade school, the hard ones',
  openbookqa: 'science questions that need a fact and its use',
} as const;

/** All that follows the trigger must be the expected answer; without the trigger there is no answer. */
const judge: Judge = ({ prompt, generated }, expected) => {
  const text = prompt + generated;
  const place = text.indexOf(TRIGGER);
  const got = place < 0 ? null : text.slice(place + TRIGGER.length).trim();
  return { got, isRight: got === expected.trim() };
};

/** A question ends with its possible answers: "Answer format: solution1/solution2". */
function choicesOf(question: string): readonly Choice[] {
  const [, format] = /Answer format:\s*(\S+)\s*$/.exec(question) ?? [];
  return (format?.split('/') ?? []).map((label) => ({ label, text: TRIGGER + label }));
}

export const COMMONSENSE_TASKS: readonly Task[] = Object.entries(TITLES).map(([name, title]) => ({
  ...{ name, title, judge, choicesOf },
  family: 'commonsense',
  template: 'commonsense',
  maxNewTokens: MAX_NEW_TOKENS,
}));
