/** Finds the answer in what a model wrote, and says whether it is the expected one. */

export interface WrittenAnswer {
  /** The prompt as text. */
  readonly prompt: string;
  /** What the model wrote after it. */
  readonly generated: string;
}

export interface Judgement {
  /** The answer that was found; null where there is none. */
  readonly got: string | null;
  readonly isRight: boolean;
}

export type Judge = (answer: WrittenAnswer, expected: string) => Judgement;

/** The official tolerance of arithmetic answers. */
const TOLERANCE = 1e-3;

/** The whole answer must be the expected text, white space around both aside. */
export const judgeExactly: Judge = ({ generated }, expected) => {
  const got = generated.trim();
  return { got: got === '' ? null : got, isRight: got === expected.trim() };
};

/** The expected text must occur in the answer. */
export const judgeByContent: Judge = ({ generated }, expected) => {
  const got = generated.trim();
  return { got: got === '' ? null : got, isRight: got.includes(expected.trim()) };
};

/** The expected text is a regular expression; what it matches is the answer. */
export const judgeByPattern: Judge = ({ generated }, expected) => {
  const got = new RegExp(expected, 'u').exec(generated)?.[0] ?? null;
  return { got, isRight: got !== null };
};

/** The last number of the answer must be the expected one, within a thousandth. */
export const judgeByNumber: Judge = ({ generated }, expected) => {
  const got = lastNumber(generated);
  return { got, isRight: got !== null && Math.abs(Number(expected.trim()) - Number(got)) <= TOLERANCE };
};

/** The choice that is named first in the answer must be the expected one; of two at one place the longer is meant. */
export function judgeByChoice(choices: readonly string[]): Judge {
  return ({ generated }, expected) => {
    let found: { choice: string; place: number } | undefined;
    for (const choice of choices) {
      const place = generated.indexOf(choice);
      if (place < 0) continue;
      const isEarlier = found === undefined || place < found.place;
      if (isEarlier || (place === found?.place && choice.length > found.choice.length)) found = { choice, place };
    }
    return { got: found?.choice ?? null, isRight: found?.choice === expected.trim() };
  };
}

/** The last number of a text, commas taken out, as the official evaluation finds it. */
function lastNumber(text: string): string | null {
  return (
    text
      .replaceAll(',', '')
      .match(/-?\d+\.?\d*/g)
      ?.at(-1) ?? null
  );
}
