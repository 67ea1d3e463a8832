/** The command lines of `neuroada merge` and `neuroada unmerge`. */
import { Option, type Command } from 'commander';
import type { MergeOptions, UnmergeOptions } from '../actions/merge.ts';
import type { AddCommand } from '../command.ts';

const MERGE_EXAMPLES = `
Examples:
  neuroada merge runs/first --output models/first
  neuroada merge runs/first/adapter/adapter_model.safetensors --output models/first --dtype f32
  neuroada merge runs/maths runs/style --output models/both

The result is an ordinary checkpoint of the same architecture. It is loaded and compared with base + adapter before
success is reported. The base is never changed, and nothing is left where merging fails or is stopped.`;

const UNMERGE_EXAMPLES = `
Example:
  neuroada unmerge models/first --adapter runs/first --output models/base-again`;

export const addMergeCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('merge')
    .summary('merge adapters into their base checkpoint')
    .description('Adds trained deltas to the weights of their base and writes the result as a new checkpoint folder.')
    .argument('<run-or-adapter...>', 'run folders, adapter folders or adapter_model.safetensors files, merged in order')
    .requiredOption('--output <folder>', 'checkpoint folder to create')
    .addOption(
      new Option('--dtype <dtype>', 'element type of the weights: that of the base, or float32')
        .choices(['base', 'f32'])
        .default('base'),
    )
    .option('--base <folder>', 'the base checkpoint, where it was moved since training')
    .option('--allow-other-base', 'merge although the base is not the one that the adapter was trained on')
    .option('--no-verify', 'do not compare the merged model with base + adapter')
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', MERGE_EXAMPLES);
  command.action((paths: readonly string[], options: MergeOptions) =>
    run(command, async (execution) => (await import('../actions/merge.ts')).merge(execution, paths, options)),
  );
};

export const addUnmergeCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('unmerge')
    .summary('take adapters out of a merged checkpoint')
    .description('Restores the base from a merged checkpoint and its adapters, byte for byte where they allow it.')
    .argument('<merged>', 'merged checkpoint folder')
    .requiredOption(
      '--adapter <path...>',
      'the run folders, adapter folders or adapter_model.safetensors files that were merged, in the same order',
    )
    .requiredOption('--output <folder>', 'checkpoint folder to create')
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', UNMERGE_EXAMPLES);
  command.action((merged: string, options: UnmergeOptions) =>
    run(command, async (execution) => (await import('../actions/merge.ts')).unmerge(execution, merged, options)),
  );
};
