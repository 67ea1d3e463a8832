/** The command lines of `neuroada export`, `neuroada import` and `neuroada diff`. */
import { Option, type Command } from 'commander';
import type { AddCommand } from '../command.ts';
import type { DifferenceOptions, ExportOptions, ImportOptions } from '../actions/interchange.ts';

const EXPORT_EXAMPLES = `
Example:
  neuroada export runs/first --format peft-supertuning --output adapters/first-peft

In Python the result is loaded by PeftModel.from_pretrained(base, folder). Runs of the method "lora" need no export:
their adapter folders are in PEFT's format.`;

const IMPORT_EXAMPLES = `
Example:
  neuroada import adapters/from-peft --base models/base --output adapters/sparse
  neuroada merge adapters/sparse --output models/merged

Reads adapters of PEFT's Super-Tuning and SHiRA. LoRA adapters of PEFT need no import: merge and generate take them.`;

const DIFF_EXAMPLES = `
Example:
  neuroada diff models/base models/tuned --output adapters/difference

Merging the result into the base gives the tuned checkpoint's weights, bit for bit.`;

export const addExportCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('export')
    .summary('write a sparse adapter in a format of PEFT')
    .description('Writes an adapter that changes connections in the format of another library.')
    .argument('<run-or-adapter>', 'run folder or adapter folder')
    .addOption(
      new Option('--format <format>', "PEFT's Super-Tuning").choices(['peft-supertuning']).default('peft-supertuning'),
    )
    .requiredOption('--output <folder>', 'folder to create')
    .option('--base <folder>', 'the base checkpoint, where it was moved since training')
    .option('--json', 'print the result as a line of JSON')
    .addHelpText('after', EXPORT_EXAMPLES);
  command.action((path: string, options: ExportOptions) =>
    run(command, async (execution) =>
      (await import('../actions/interchange.ts')).exportAdapter(execution, path, options),
    ),
  );
};

export const addImportCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('import')
    .summary('read a sparse adapter of PEFT')
    .description('Turns a Super-Tuning or SHiRA adapter of PEFT into one that NeuroAda merges and evaluates.')
    .argument('<adapter>', "PEFT's adapter folder")
    .requiredOption('--output <folder>', 'adapter folder to create')
    .option('--base <folder>', 'the base checkpoint, where the adapter does not name its folder')
    .option('--json', 'print the result as a line of JSON')
    .addHelpText('after', IMPORT_EXAMPLES);
  command.action((path: string, options: ImportOptions) =>
    run(command, async (execution) =>
      (await import('../actions/interchange.ts')).importAdapter(execution, path, options),
    ),
  );
};

export const addDiffCommand: AddCommand = (program, run) => {
  const command: Command = program
    .command('diff')
    .summary('extract an adapter from two checkpoints')
    .description('Writes what turns the base into the tuned checkpoint as an adapter.')
    .argument('<base>', 'checkpoint folder')
    .argument('<tuned>', 'checkpoint folder of the same architecture')
    .requiredOption('--output <folder>', 'adapter folder to create')
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', DIFF_EXAMPLES);
  command.action((base: string, tuned: string, options: DifferenceOptions) =>
    run(command, async (execution) =>
      (await import('../actions/interchange.ts')).difference(execution, base, tuned, options),
    ),
  );
};
