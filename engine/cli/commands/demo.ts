/** The command line of `neuroada demo`. */
import type { Command } from 'commander';
import type { AddCommand } from '../command.ts';

export const addDemoCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('demo')
    .summary('see it all on a small sample, in two minutes')
    .description(
      'Selects, trains, evaluates and merges on the sample that comes with the product, and shows what the model learnt.',
    )
    .option('--json', 'print each event, then the result, as a line of JSON');
  command.action(() => run(command, async (execution) => (await import('../actions/demo.ts')).demo(execution)));
};
