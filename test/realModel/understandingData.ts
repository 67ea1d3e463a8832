/**
 * Two understanding tasks out of the official training data, for encoders: how many steps solve a word problem
 * (arithmetic), and which benchmark a question is from, told by its words alone (commonsense).
 */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const recordsSchema = z.array(z.object({ instruction: z.string(), output: z.string(), answer: z.string() }));
type OfficialRecord = z.output<typeof recordsSchema>[number];

export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

const EQUATION = /\d\s*[-+*/×÷]\s*\$?\d/gu;
/** The question between its instruction and its answers, and their form. */
const QUESTION =
  /^[^:]*(?:question|sentence|blank[^:]*):\s*([^]*?)\s*(?:(?:Solution|Answer|Ending|Option)1:[^]*)?Answer format: (.*)$/u;
/** Benchmarks by the form of their answers; ARC and OpenBookQA share one. */
const KINDS: Readonly<Record<string, string>> = {
  'true/false': 'BoolQ',
  'solution1/solution2': 'PIQA',
  'answer1/answer2/answer3': 'SIQA',
  'ending1/ending2/ending3/ending4': 'HellaSwag',
  'option1/option2': 'WinoGrande',
  'answer1/answer2/answer3/answer4': 'science',
};

/** The problem, labelled with the number of equations of its worked solution. */
export function stepsOf({ instruction, output }: OfficialRecord): readonly LabelledText[] {
  const label = ['', 'one', 'two'][[...output.matchAll(EQUATION)].length] ?? 'more';
  return label === '' ? [] : [{ text: instruction.trim(), label }];
}

/** The question without its instruction and answers, labelled with the benchmark that it is from. */
export function kindOf({ instruction }: OfficialRecord): readonly LabelledText[] {
  const [, text, form = ''] = QUESTION.exec(instruction) ?? [];
  const label = KINDS[form.trim()];
  return text === undefined || label === undefined ? [] : [{ text, label }];
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
