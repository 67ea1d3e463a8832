/** The folder of one evaluation: what is asked, an answer a line as they come, and a summary that comes last. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { lstat, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { createFolderAtomically } from '../files/atomicFolder.ts';
import { explainingErrors, systemErrorCode } from '../files/systemError.ts';
import { EVALUATION_FILES, type AnswerRecord, type EvaluationSummary } from '../protocol/answers/evaluation.ts';

type EvaluationValue =
  string | number | boolean | null | readonly EvaluationValue[] | { readonly [name: string]: EvaluationValue };

/** What is evaluated: two evaluations with equal identities give equal answers. */
export type EvaluationIdentity = Readonly<Record<string, EvaluationValue>>;

const answerSchema = z.object({
  side: z.enum(['base', 'tuned']),
  index: z.int().nonnegative(),
  question: z.string(),
  expected: z.string(),
  text: z.string(),
  got: z.string().nullable(),
  isRight: z.boolean(),
  logProbability: z.number().exactOptional(),
  tokenCount: z.int().nonnegative().exactOptional(),
});

export interface EvaluationFolder {
  readonly path: string;
  readonly name: string;
  /** Answers that an earlier attempt left. */
  readonly answers: readonly AnswerRecord[];
  /** Whether an earlier attempt was finished: its answers are all there, and its summary. */
  readonly isFinished: boolean;
  readonly append: (answer: AnswerRecord) => void;
  /** Writes the summary: the evaluation is complete then. */
  readonly finish: (summary: EvaluationSummary) => Promise<void>;
  readonly close: () => void;
}

/**
 * Opens `parent/name` anew, or where the same evaluation was left unfinished there; a folder of another evaluation, or of
 * a finished one, is left alone and `name-2`, `name-3` … are tried.
 * @param isReused whether the folder of the same evaluation is opened even though it is finished
 * @throws ExpectedError `evaluation/damagedAnswers`, `files/…`
 */
export async function openEvaluationFolder(
  parent: string,
  name: string,
  identity: EvaluationIdentity,
  isReused = false,
): Promise<EvaluationFolder> {
  for (let number = 1; ; number++) {
    const numbered = number === 1 ? name : `${name}-${String(number)}`;
    const path = join(parent, numbered);
    const found = await identityIn(path);
    if (found === undefined) {
      await createFolderAtomically(path, async (folder) => {
        await writeFile(join(folder, EVALUATION_FILES.record), identityText(identity));
        await writeFile(join(folder, EVALUATION_FILES.answers), '');
      });
    }
    const isSame = found === undefined || found === identityText(identity);
    if (!isSame) continue;
    const isFinished = await isThere(join(path, EVALUATION_FILES.summary));
    if (!isFinished || isReused) return openAnswers(path, numbered, isFinished);
  }
}

async function openAnswers(path: string, name: string, isFinished: boolean): Promise<EvaluationFolder> {
  const file = join(path, EVALUATION_FILES.answers);
  const answers = await readAnswers(path);
  const descriptor = openSync(file, 'a');
  return {
    ...{ path, name, answers, isFinished },
    append: (answer) => {
      writeSync(descriptor, `${JSON.stringify(answer)}\n`);
    },
    finish: async (summary) => {
      fdatasyncSync(descriptor);
      await writeFileAtomically(join(path, EVALUATION_FILES.summary), `${JSON.stringify(summary, undefined, 2)}\n`);
    },
    close: () => {
      closeSync(descriptor);
    },
  };
}

/** The answers so far; a last line that a killed process left torn is cut off. */
async function readAnswers(path: string): Promise<readonly AnswerRecord[]> {
  const file = join(path, EVALUATION_FILES.answers);
  const bytes = await explainingErrors(file, () => readFile(file));
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.byteLength) await explainingErrors(file, () => truncate(file, end));
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return lines.map((line, index) => parseAnswer(line, file, index + 1));
}

function parseAnswer(text: string, file: string, line: number): AnswerRecord {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (error) {
    const fix = 'Remove the line, or the whole evaluation, and evaluate again.';
    throw new ExpectedError('evaluation/damagedAnswers', 'expected an answer', fix, { file, line }, error);
  }
}

function identityText(identity: EvaluationIdentity): string {
  return `${JSON.stringify(identity, undefined, 2)}\n`;
}

/** Undefined where there is no such folder; the empty text where something else is at the path. */
async function identityIn(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(path, EVALUATION_FILES.record), 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    return (await isThere(path)) ? '' : undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
