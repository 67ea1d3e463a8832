/** The flags that stand for fields of the configuration file. */
import { Option, type Command } from 'commander';

export interface ConfigurationFlag {
  readonly flag: string;
  readonly argument: string;
  /** Field of the configuration. */
  readonly field: string;
  readonly description: string;
  /** Fields that cannot stand beside this one. */
  readonly replaces?: readonly string[];
  /** May be given several times, to make a list. */
  readonly isList?: boolean;
}

const BASE_FLAGS: readonly ConfigurationFlag[] = [
  { flag: '--base', argument: '<folder>', field: 'base', description: 'checkpoint to start from' },
  {
    flag: '--data',
    argument: '<file>',
    field: 'data.train',
    description: 'training data; repeat for several files',
    isList: true,
  },
];

const SELECTION_FLAGS: readonly ConfigurationFlag[] = [
  ...BASE_FLAGS,
  {
    flag: '--k',
    argument: '<n>',
    field: 'selection.k',
    description: 'selected connections per neuron',
    replaces: ['selection.trainableShare'],
  },
  {
    flag: '--share',
    argument: '<0..1>',
    field: 'selection.trainableShare',
    description: 'largest share of all parameters that may be trained, instead of k',
    replaces: ['selection.k'],
  },
  {
    flag: '--strategy',
    argument: '<name>',
    field: 'selection.strategy',
    description: 'magnitude, reverse, random or gradient',
  },
];

const ENGINE_FLAGS: readonly ConfigurationFlag[] = [
  { flag: '--device', argument: '<name>', field: 'engine.device', description: 'auto, cpu, webgpu, cuda or directml' },
  { flag: '--plan', argument: '<name>', field: 'engine.plan', description: 'auto, layered or wholeGraph' },
  {
    flag: '--weights',
    argument: '<name>',
    field: 'engine.weights',
    description: 'auto, float32, 16bit or streamed',
  },
  { flag: '--threads', argument: '<n>', field: 'engine.threads', description: 'CPU threads' },
  {
    flag: '--seed',
    argument: '<n>',
    field: 'training.seed',
    description: 'seed of order, held-out part and random selection',
  },
];

export const SELECT_COMMAND_FLAGS: readonly ConfigurationFlag[] = [...SELECTION_FLAGS, ...ENGINE_FLAGS];

const QUESTION_FLAGS: readonly ConfigurationFlag[] = [
  {
    flag: '--questions',
    argument: '<path>',
    field: 'questions.data',
    description: "questions with known answers: a data file, or the folder of the tasks' files",
  },
  {
    flag: '--question-task',
    argument: '<name>',
    field: 'questions.tasks',
    description: 'published task or family that the questions are of; repeat for several',
    isList: true,
  },
  {
    flag: '--question-scoring',
    argument: '<name>',
    field: 'questions.scoring',
    description: 'how answers to a file of your own are scored, as in "evaluate"',
  },
  {
    flag: '--question-limit',
    argument: '<n>',
    field: 'questions.limit',
    description: 'only the first n questions of each',
  },
];

export const TRAINING_FLAGS: readonly ConfigurationFlag[] = [
  ...SELECTION_FLAGS,
  { flag: '--evaluation', argument: '<file>', field: 'data.evaluation', description: 'evaluation data' },
  {
    flag: '--task',
    argument: '<name>',
    field: 'data.task',
    description: 'for an encoder: cola, sst2, mrpc, qqp, stsb, mnli, qnli or rte',
  },
  {
    flag: '--precision',
    argument: '<name>',
    field: 'engine.precision',
    description: 'float32, or float16 on a GPU that computes it',
  },
  { flag: '--epochs', argument: '<n>', field: 'training.epochs', description: 'passes over the training data' },
  { flag: '--max-steps', argument: '<n>', field: 'training.maxSteps', description: 'stop after so many steps' },
  { flag: '--lr', argument: '<rate>', field: 'training.learningRate', description: 'peak learning rate' },
  { flag: '--batch-size', argument: '<n>', field: 'training.batchSize', description: 'examples per step' },
  { flag: '--max-length', argument: '<n>', field: 'data.maxLength', description: 'longest example in tokens' },
  ...QUESTION_FLAGS,
  ...ENGINE_FLAGS,
  { flag: '--name', argument: '<text>', field: 'name', description: 'name of the run' },
];

/** A comparison has methods, seeds and budgets of its own. */
export const COMPARISON_FLAGS: readonly ConfigurationFlag[] = TRAINING_FLAGS.filter(
  ({ flag }) => !['--seed', '--name', '--base', '--data'].includes(flag),
);

/** Any other field, as `field=value`. */
export const SET_FLAG = '--set';

const GROUP = 'Instead of the configuration file:';

/** Adds the flags, which hold what was typed: it is checked with the configuration. */
export function addConfigurationFlags(command: Command, flags: readonly ConfigurationFlag[]): Command {
  for (const { flag, argument, description, isList, replaces = [] } of flags) {
    const rivals = flags.filter(({ field }) => replaces.includes(field)).map((rival) => attributeOf(rival.flag));
    const option = new Option(`${flag} ${argument}`, description).helpGroup(GROUP).conflicts(rivals);
    command.addOption(isList === true ? option.argParser(appended) : option);
  }
  const set = new Option(`${SET_FLAG} <field=value>`, 'any other field, such as training.schedule=cosine; repeatable');
  return command.addOption(set.helpGroup(GROUP).argParser(appended));
}

/** The name under which commander keeps the option. */
export function attributeOf(flag: string): string {
  return new Option(flag).attributeName();
}

function appended(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}
