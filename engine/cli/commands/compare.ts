/** The command line of `neuroada compare`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { METHODS, type Method } from '../../protocol/configuration/methods.ts';
import type { CompareOptions } from '../actions/compare.ts';
import type { AddCommand } from '../command.ts';
import { addConfigurationFlags, attributeOf, COMPARISON_FLAGS, SET_FLAG } from '../configurationFlags.ts';

const EXAMPLES = `
Examples:
  neuroada compare maths.neuroada.json
  neuroada compare maths.neuroada.json --methods neuroada,masked,lora,full --seeds 1,2,3
  neuroada compare maths.neuroada.json --methods neuroada,lora --ks 1,5,20 --rates lora=1e-3,full=5e-5
  neuroada compare maths.neuroada.json --questions dataset --question-task arithmetic --question-limit 200
  neuroada compare --resume runs/comparison-maths
  neuroada compare support.neuroada.json --questions held-out.jsonl --question-scoring contains

The score is the accuracy on the questions, which every finished run and the base are asked; they may also stand in the
configuration ("questions"). Without, it is the share of evaluation examples that are answered exactly.

Every run is a process of its own, one after the other, so that peak memory is the run's alone. With --ks, LoRA's rank is
the one whose parameters come closest. The configuration's learning rate is for methods that select connections; others
have their own default. Ctrl+C stops with a checkpoint; --resume and the folder of the comparison goes on.`;

export const addCompareCommand: AddCommand = (program, run) => {
  const others = [
    ...COMPARISON_FLAGS.map(({ flag }) => flag),
    SET_FLAG,
    '--ks',
    '--method-ks',
    '--rates',
    '--output',
  ].map(attributeOf);
  const command: Command = program
    .command('compare')
    .summary('train several methods and compare what they reach and cost')
    .description('Trains methods on the same data over several seeds and writes a report with tables and charts.')
    .argument('[config]', 'configuration file (*.neuroada.json)')
    .addOption(
      new Option('--methods <list>', `of ${METHODS.join(', ')}`)
        .argParser(methodList)
        .default(['neuroada', 'masked', 'lora', 'full'] satisfies Method[], 'neuroada,masked,lora,full'),
    )
    .addOption(new Option('--seeds <list>', 'seeds of the runs').argParser(seedList).default([42], '42'))
    .addOption(new Option('--ks <list>', 'several numbers of connections per neuron').argParser(countList))
    .addOption(
      new Option('--method-ks <list>', 'those of single methods, such as superTuning=5,shira=1+5').argParser(
        methodKList,
      ),
    )
    .addOption(new Option('--rates <list>', 'learning rates of methods, such as lora=1e-3').argParser(rateList))
    .option('--output <folder>', 'folder of the comparison, new or to go on with; default: a new one in "runs"')
    .addOption(
      new Option('--resume <folder>', 'go on with a comparison that was stopped, as it was asked for').conflicts(
        others,
      ),
    )
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', EXAMPLES);
  addConfigurationFlags(command, COMPARISON_FLAGS);
  command.action((file: string | undefined, options: CompareOptions) =>
    run(command, async (execution) => {
      if ((file === undefined) === (options.resume === undefined)) {
        command.error('error: give a configuration file, or --resume');
      }
      return (await import('../actions/compare.ts')).compare(execution, file, options);
    }),
  );
};

function methodList(text: string): readonly Method[] {
  return text.split(',').map(methodNamed);
}

function methodNamed(text: string): Method {
  const method = METHODS.find((name) => name === text.trim());
  if (method === undefined) throw new InvalidArgumentError(`expected some of ${METHODS.join(', ')}, found ${text}`);
  return method;
}

function seedList(text: string): readonly number[] {
  return numbersOf(text, 0);
}

function countList(text: string): readonly number[] {
  return numbersOf(text, 1);
}

function numbersOf(text: string, least: number): readonly number[] {
  return text.split(',').map((part) => {
    const number = Number(part.trim() === '' ? NaN : part);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`expected whole numbers from ${String(least)} on, found ${part}`);
  });
}

function methodKList(text: string): Readonly<Partial<Record<Method, readonly number[]>>> {
  return byMethod(text, (counts) => countList(counts.replaceAll('+', ',')));
}

function rateList(text: string): Readonly<Partial<Record<Method, number>>> {
  return byMethod(text, (value) => {
    const rate = Number(value.trim() === '' ? NaN : value);
    if (!(rate > 0)) throw new InvalidArgumentError(`expected a learning rate above 0, found "${value}"`);
    return rate;
  });
}

/** Values of methods, as in `method=value,method=value`. */
function byMethod<T>(text: string, valueOf: (text: string) => T): Readonly<Partial<Record<Method, T>>> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [methodNamed(name), valueOf(value)];
    }),
  );
}
