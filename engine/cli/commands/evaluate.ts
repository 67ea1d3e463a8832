/** The command line of `neuroada evaluate`. */
import { Option, type Command } from 'commander';
import { ANSWER_METHODS, SCORINGS } from '../../protocol/answers/evaluation.ts';
import type { EvaluateOptions } from '../actions/evaluate.ts';
import type { AddCommand } from '../command.ts';
import { numberOption } from '../numberOption.ts';

const EXAMPLES = `
Examples:
  neuroada evaluate runs/first --data held-out.jsonl
  neuroada evaluate runs/first --data reviews.csv --scoring choice --method likelihood
  neuroada evaluate runs/first --task boolq piqa --data dataset --limit 200
  neuroada evaluate runs/first --task commonsense --data dataset --only-tuned
  neuroada evaluate runs/first --task arithmetic --data dataset/gsm8k/test.json
  neuroada evaluate models/base --task gsm8k --data dataset --output evaluations
  neuroada evaluate runs/cola --task CoLA --data glue_data

Tasks, prompted and judged as in the official NeuroAda evaluation, with their files as NAME.test.json or NAME/test.json in
the folder; or one file with the one task or family that it asks:
  commonsense  boolq piqa social_i_qa hellaswag winogrande ARC-Easy ARC-Challenge openbookqa
  arithmetic   MultiArith gsm8k AddSub AQuA SingleEq SVAMP mawps

An encoder labels texts: the tasks of GLUE (cola sst2 mrpc qqp stsb mnli qnli rte, or glue for all) by the development sets in
their published folders (CoLA/dev.tsv), or a data file of texts and labels; scoring and method are those of the labels.

Scoring of a data file of your own: "exact" compares the answer with the expected one, "contains" looks for it, "regex"
takes it as a pattern, "number" compares the last number, "choice" chooses among the answers that occur in the file, and
"perplexity" measures how probable the expected answer is.

Every answer is kept in the run's folder in evaluations/NAME; the same command goes on with an evaluation that was stopped.
Intervals hold the true value with a probability of 95 % (accuracy: Wilson's; all else: bootstrap over examples).`;

export const addEvaluateCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('evaluate')
    .summary('score a model, before and after tuning')
    .description('Asks a model questions with known answers, with and without its adapter, and scores what it says.')
    .argument('<model>', "run folder, a run's checkpoint, adapter folder, or checkpoint folder")
    .requiredOption('--data <path>', "data file, or the folder of the tasks' files")
    .option('--task <name...>', 'tasks or families of tasks')
    .addOption(
      new Option('--scoring <name>', 'how answers to a data file are scored').choices(SCORINGS).default('exact'),
    )
    .addOption(
      new Option('--method <name>', 'generate answers, or take the most probable of the possible ones')
        .choices(ANSWER_METHODS)
        .default('generate'),
    )
    .addOption(numberOption('--limit <n>', 'only the first n examples of each', { minimum: 1, isWhole: true }))
    .addOption(numberOption('--max-new-tokens <n>', 'longest answer in tokens', { minimum: 1, isWhole: true }))
    .addOption(
      numberOption('--rows <n>', 'answers generated side by side', { minimum: 1, maximum: 256, isWhole: true }).default(
        16,
      ),
    )
    .option('--only-tuned', 'do not evaluate the base as well')
    .option('--base <folder>', 'the base checkpoint, where it was moved since training')
    .option('--name <text>', 'name of the evaluation (default: that of the task or file)')
    .option('--output <folder>', 'folder that keeps evaluations (default: in the run)')
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', EXAMPLES);
  command.action((model: string, options: EvaluateOptions) =>
    run(command, async (execution) => (await import('../actions/evaluate.ts')).evaluate(execution, model, options)),
  );
};
