/** The command line of `neuroada select`. */
import type { Command } from 'commander';
import type { SelectOptions } from '../actions/select.ts';
import { addConfigurationFlags, SELECT_COMMAND_FLAGS } from '../configurationFlags.ts';
import type { AddCommand } from '../command.ts';

const EXAMPLES = `
Examples:
  neuroada select --base models/SmolLM2-135M --k 1 --output selections/k1
  neuroada select --base models/SmolLM2-135M --share 0.001 --output selections/budget
  neuroada select maths.neuroada.json --strategy gradient --output selections/gradient

No data is needed, but for the strategy "gradient". \`neuroada train\` selects by itself.`;

export const addSelectCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('select')
    .summary('select connections without training them')
    .description('Writes which input connections of each neuron would be trained, with statistics of their weights.')
    .argument('[config]', 'configuration file (*.neuroada.json)')
    .requiredOption('--output <folder>', 'folder to create')
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', EXAMPLES);
  addConfigurationFlags(command, SELECT_COMMAND_FLAGS);
  command.action((file: string | undefined, options: SelectOptions) =>
    run(command, async (execution) => {
      if (file === undefined && options['base'] === undefined) {
        command.error('error: give a configuration file or --base');
      }
      return (await import('../actions/select.ts')).select(execution, file, options);
    }),
  );
};
