/** The command line of `neuroada train`. */
import { Option, type Command } from 'commander';
import { addConfigurationFlags, attributeOf, SET_FLAG, TRAINING_FLAGS } from '../configurationFlags.ts';
import type { AddCommand } from '../command.ts';

const EXAMPLES = `
A configuration needs a checkpoint and data; all else has a default:
  { "base": "models/SmolLM2-135M", "data": { "train": "data.jsonl" } }

Examples:
  neuroada train maths.neuroada.json
  neuroada train maths.neuroada.json --k 4 --epochs 1 --output runs/first
  neuroada train --base models/SmolLM2-135M --data data.jsonl
  neuroada train maths.neuroada.json --set training.schedule=cosine --set data.limit=100
  neuroada train --resume runs/first
  neuroada train --resume runs/first --device cpu

Ctrl+C stops after the current step and saves a checkpoint; --resume goes on from it as if never stopped.`;

/** A run may go on on another device. */
const DEVICE_FLAG = '--device';

export const addTrainCommand: AddCommand = (program, run) => {
  const overriding = [...TRAINING_FLAGS.map(({ flag }) => flag), SET_FLAG]
    .filter((flag) => flag !== DEVICE_FLAG)
    .map(attributeOf);
  const command: Command = program
    .command('train')
    .summary('fine-tune a checkpoint')
    .description(
      'Selects the strongest input connections of each neuron, trains a delta for each on your data, and writes a run folder with the adapter.',
    )
    .argument('[config]', 'configuration file (*.neuroada.json)')
    .option('--output <run>', 'run folder to create (default: a new folder in "runs" beside the configuration)')
    .addOption(
      new Option('--resume <run>', 'go on with a stopped, failed or killed run').conflicts(['output', ...overriding]),
    )
    .option('--json', 'print each event, then the result, as a line of JSON')
    .addHelpText('after', EXAMPLES);
  addConfigurationFlags(command, TRAINING_FLAGS);
  command.action((file: string | undefined, options: Record<string, unknown>) =>
    run(command, async (execution) => {
      const hasSource = file !== undefined || options['resume'] !== undefined || options['base'] !== undefined;
      if (!hasSource) command.error('error: give a configuration file, --base and --data, or --resume');
      return (await import('../actions/train.ts')).train(execution, file, options);
    }),
  );
};
