/** The command line as a whole: its commands, its help, and what happens to a faulty one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { RunCommand } from './command.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addCudaCommand } from './commands/cuda.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addGenerateCommand } from './commands/generate.ts';
import { addDevicesCommand, addEstimateCommand } from './commands/inquiries.ts';
import { addDiffCommand, addExportCommand, addImportCommand } from './commands/interchange.ts';
import { addMergeCommand, addUnmergeCommand } from './commands/merge.ts';
import { addSelectCommand } from './commands/select.ts';
import { addTrainCommand } from './commands/train.ts';
import { EXIT_CODES } from './exitCode.ts';
import type { Terminal } from './terminal.ts';

const HELP = `
From data to model:
  neuroada demo                                          see it all in two minutes
  neuroada devices                                       what can compute here
  neuroada cuda install                                  an NVIDIA GPU on Linux: fetch what CUDA needs
  neuroada estimate maths.neuroada.json                  what a run would need
  neuroada train maths.neuroada.json --output runs/first
  neuroada evaluate runs/first --data held-out.jsonl     did it help, on every example
  neuroada generate runs/first "What is 6 times 7?"        an answer of the tuned model
  neuroada compare maths.neuroada.json                   against masks, LoRA and full fine-tuning
  neuroada merge runs/first --output models/first        a checkpoint like any other

\`neuroada <command> --help\` shows each command's options with examples.

Results go to standard output, all else to standard error. Exit codes:
  0    done
  1    an error that you can act on; the message says how
  2    a faulty command line
  3    a bug in NeuroAda; the message says where its trace is
  130  stopped by Ctrl+C (143 by SIGTERM, 129 by SIGHUP); training saves a checkpoint first`;

/**
 * @param args the arguments after the program's name
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT_CODES.done;
  const program = buildProgram(terminal, async (command, work) => {
    const isJson = command.opts<{ json?: boolean }>().json === true;
    exitCode = await work({ command: fullName(command), isJson, terminal });
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isAnswered = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
    return isAnswered ? EXIT_CODES.done : EXIT_CODES.usage;
  }
}

/** Such as `cuda install`: without the program's own name. */
function fullName(command: Command): string {
  const { parent } = command;
  const isOfProgram = parent === null || parent.parent === null;
  return isOfProgram ? command.name() : `${fullName(parent)} ${command.name()}`;
}

function buildProgram(terminal: Terminal, run: RunCommand): Command {
  const program = new Command('neuroada')
    .description(
      'Fine-tunes language models by training a few connections of every neuron (NeuroAda). No Python, no CUDA set-up.',
    )
    .exitOverride()
    .configureOutput({
      writeOut: terminal.writeResult,
      writeErr: terminal.writeNote,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('Run it with --help to see what it takes.')
    .option('-V, --version', 'print the version')
    .addHelpText('after', HELP);
  program.on('option:version', () => {
    terminal.writeResult(`${productVersion()}\n`);
    throw new CommanderError(EXIT_CODES.done, 'commander.version', '');
  });
  const additions = [
    addTrainCommand,
    addEvaluateCommand,
    addCompareCommand,
    addGenerateCommand,
    addMergeCommand,
    addUnmergeCommand,
    addExportCommand,
    addImportCommand,
    addDiffCommand,
    addSelectCommand,
    addEstimateCommand,
    addDevicesCommand,
    addCudaCommand,
    addDemoCommand,
  ];
  for (const add of additions) add(program, run);
  return program;
}

function productVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
