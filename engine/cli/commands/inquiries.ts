/** The command lines of `neuroada estimate` and `neuroada devices`, which change nothing. */
import type { Command } from 'commander';
import { addConfigurationFlags, TRAINING_FLAGS } from '../configurationFlags.ts';
import type { AddCommand } from '../command.ts';

const ESTIMATE_EXAMPLES = `
Examples:
  neuroada estimate maths.neuroada.json
  neuroada estimate maths.neuroada.json --k 20 --plan layered`;

const DEVICES_NOTE = `
Choose one with "engine": { "device": "cpu" } in the configuration or with --device.
CUDA needs a part that is fetched on demand: \`neuroada cuda --help\`.`;

export const addEstimateCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('estimate')
    .summary('predict memory and time of a run')
    .description('Tells trainable parameters, peak memory and time of a run before it is started.')
    .argument('[config]', 'configuration file (*.neuroada.json)')
    .option('--json', 'print the result as a line of JSON')
    .addHelpText('after', ESTIMATE_EXAMPLES);
  addConfigurationFlags(command, TRAINING_FLAGS);
  command.action((file: string | undefined, options: Record<string, unknown>) =>
    run(command, async (execution) => {
      if (file === undefined && options['base'] === undefined) {
        command.error('error: give a configuration file, or --base and --data');
      }
      return (await import('../actions/estimate.ts')).estimate(execution, file, options);
    }),
  );
};

export const addDevicesCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('devices')
    .summary('list what can compute here')
    .description('Lists each kind of device, whether it can be used here, and if not, why and what to do.')
    .option('--json', 'print the result as a line of JSON')
    .option('--self-test', 'train a small model on every usable device, and compare with the CPU')
    .addHelpText('after', DEVICES_NOTE);
  command.action((options: { readonly selfTest?: boolean }) =>
    run(command, async (execution) =>
      (await import('../actions/devices.ts')).devices(execution, options.selfTest === true),
    ),
  );
};
