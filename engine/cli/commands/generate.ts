/** The command line of `neuroada generate`. */
import { Option, type Command } from 'commander';
import { DEFAULT_SAMPLING, PROMPT_TEMPLATES } from '../../protocol/answers/generation.ts';
import type { GenerateOptions } from '../actions/generate.ts';
import type { AddCommand } from '../command.ts';
import { numberOption } from '../numberOption.ts';

const EXAMPLES = `
Examples:
  neuroada generate runs/first "What is 6 times 7?"
  neuroada generate runs/first "What is 6 times 7?" --side both
  neuroada generate models/first "Once upon a time" --temperature 0.8 --top-p 0.9 --seed 7
  neuroada generate runs/first/checkpoints/step-000100 --template plain < prompt.txt

An adapter is applied in memory, without merging. The template "auto" writes the prompt as the run's data was written,
and for other models as their chat template says. With temperature 0, the default, the answer is always the same.`;

export const addGenerateCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('generate')
    .summary('answer a prompt with a model, tuned or not')
    .description('Continues a prompt with a base checkpoint, with a run or adapter on its base, or with both.')
    .argument('<model>', "run folder, a run's checkpoint, adapter folder, or checkpoint folder")
    .argument('[prompt]', 'the prompt (default: standard input)')
    .addOption(new Option('--side <side>', 'which side answers (default: tuned)').choices(['tuned', 'base', 'both']))
    .addOption(new Option('--template <name>', 'how the prompt is written').choices(PROMPT_TEMPLATES).default('auto'))
    .option('--system <text>', 'system message, for the chat template')
    .addOption(numberOption('--max-new-tokens <n>', maxText(), { minimum: 1, isWhole: true }))
    .addOption(numberOption('--temperature <t>', 'randomness (default: 0, the most probable token)', { minimum: 0 }))
    .addOption(numberOption('--top-k <n>', 'draw from the n most probable tokens', { minimum: 1, isWhole: true }))
    .addOption(
      numberOption('--top-p <p>', 'draw from the most probable tokens that reach p', { minimum: 0, maximum: 1 }),
    )
    .addOption(numberOption('--repetition-penalty <x>', 'above 1: repeat less', { minimum: 0.01 }))
    .addOption(numberOption('--seed <n>', 'seed of the random choices', { minimum: 0, isWhole: true }))
    .option('--stop <text...>', 'end the answer before any of these texts')
    .option('--base <folder>', 'the base checkpoint, where it was moved since training')
    .option('--json', 'print each token with its log-probability, then the result, as a line of JSON')
    .addHelpText('after', EXAMPLES);
  command.action((model: string, prompt: string | undefined, options: GenerateOptions) =>
    run(command, async (execution) =>
      (await import('../actions/generate.ts')).generate(execution, model, prompt, options),
    ),
  );
};

function maxText(): string {
  return `longest answer in tokens (default: ${String(DEFAULT_SAMPLING.maxNewTokens)})`;
}
