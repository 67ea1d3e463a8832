/**
 * Two understanding tasks out of the official training data, for encoders: which operation solves a word problem
 * (arithmetic), and whether a solution reaches its goal (commonsense; the questions of PIQA).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const recordsSchema = z.array(z.object({ instruction: z.string(), output: z.string(), answer: z.string() }));
type OfficialRecord = z.output<typeof recordsSchema>[number];

export interface LabelledText {
  readonly text: string;
  readonly pair?: string;
  readonly label: string;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  '+': 'addition',
  '-': 'subtraction',
  '*': 'multiplication',
  '×': 'multiplication',
  '/': 'division',
  '÷': 'division',
};
const EQUATION = /\d\s*([-+*/×÷])\s*\$?\d/gu;
const PAIRED = /question:\s*([^]*?)\s*Solution1:\s*([^]*?)\s*Solution2:\s*([^]*?)\s*Answer format/u;

/** The problem, labelled with the operation of its worked solution, where that has but one. */
export function operationOf({ instruction, output }: OfficialRecord): readonly LabelledText[] {
  const names = new Set([...output.matchAll(EQUATION)].map(([, sign = '']) => OPERATIONS[sign]));
  const [label] = names;
  return names.size === 1 && label !== undefined ? [{ text: instruction.trim(), label }] : [];
}

/** Goal and solution, twice: the right solution and the wrong one. */
export function solutionsOf({ instruction, answer }: OfficialRecord): readonly LabelledText[] {
  const [, text, first, second] = PAIRED.exec(instruction) ?? [];
  if (text === undefined || first === undefined || second === undefined) return [];
  const labels = answer === 'solution1' ? ['right', 'wrong'] : ['wrong', 'right'];
  return [first, second].map((pair, index) => ({ text, pair, label: labels[index] ?? '' }));
}

/** Writes what `textsOf` makes of the records of a file as JSONL: `evaluationCount` texts for evaluation, others to train. */
export async function writeUnderstandingData(
  source: string,
  textsOf: (record: OfficialRecord) => readonly LabelledText[],
  { train, evaluation }: { readonly train: string; readonly evaluation: string },
  evaluationCount: number,
): Promise<void> {
  const texts = recordsSchema.parse(JSON.parse(await readFile(source, 'utf8'))).flatMap(textsOf);
  await writeLines(evaluation, texts.slice(0, evaluationCount));
  await writeLines(train, texts.slice(evaluationCount));
}

async function writeLines(file: string, texts: readonly LabelledText[]): Promise<void> {
  await writeFile(file, texts.map((text) => `${JSON.stringify(text)}\n`).join(''));
}
