/** Questions with known answers, as a run configuration names them: what a tuned model is asked, and how it is scored. */
import { z } from 'zod';
import { ANSWER_METHODS, SCORINGS } from '../answers/evaluation.ts';

const name = z.string().min(1);

export const questionsSchema = z
  .strictObject({
    data: name.describe("A data file with questions and their answers, or the folder of the tasks' test files."),
    tasks: z
      .union([name, z.array(name).min(1)])
      .optional()
      .describe(
        'Published tasks or their families ("commonsense", "arithmetic"), or "glue" for an encoder: they say how questions are put and answers found. Without, the file is one of your own.',
      ),
    scoring: z.enum(SCORINGS).default('exact').describe('How answers to a file of your own are scored.'),
    method: z
      .enum(ANSWER_METHODS)
      .default('generate')
      .describe('Whether answers are generated, or the most probable of the possible ones is taken.'),
    limit: z.int().positive().optional().describe('Only the first N questions of each task or file.'),
    maxNewTokens: z
      .int()
      .positive()
      .optional()
      .describe('Longest answer in tokens; default: what the task or the file asks for.'),
  })
  .describe(
    'Questions with known answers: a decoder in training is asked them with every evaluation (training.selectBest "metric" chooses the best step by them), and a comparison of methods asks every finished run and the base.',
  );

export type Questions = z.output<typeof questionsSchema>;

/** The names of the tasks, none for a data file of one's own. */
export function taskNames({ tasks }: Questions): readonly string[] {
  if (tasks === undefined) return [];
  return typeof tasks === 'string' ? [tasks] : tasks;
}
