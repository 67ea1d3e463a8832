/** The card of a merged model: what it was made from, by which method, on which data, and what was measured. */
import { basename } from 'node:path';
import { readAdapterAbout, type AdapterAbout } from '../adapter/adapterAbout.ts';
import type { EvaluatedEvent } from '../protocol/events.ts';
import { runFolderOf } from '../run/adapterLocation.ts';
import { summarizeRun, type RunOverview } from '../run/runOverview.ts';
import { PRODUCT_VERSION } from './productVersion.ts';

const NAMES: Readonly<Record<string, string>> = {
  masked: 'mask-based sparse tuning',
  superTuning: 'Super-Tuning (largest weights of each matrix)',
  supertuning: 'Super-Tuning (PEFT)',
  shira: 'SHiRA (random entries of each matrix)',
  full: 'full fine-tuning of the linear layers',
  bitfit: 'BitFit (biases)',
  lora: 'LoRA',
  difference: 'the difference of two checkpoints',
};

/**
 * Markdown with the front matter that model hubs read. Folders are named without their paths.
 *
 * @param paths what is merged, as it was named, with the adapter folder of each
 */
export async function modelCard(
  base: string,
  paths: readonly { readonly path: string; readonly adapter: string }[],
): Promise<string> {
  const parts: string[] = [];
  for (const { path, adapter } of paths) parts.push(await adapterSection(path, await readAdapterAbout(adapter)));
  const name = basename(base);
  return `---
base_model: ${JSON.stringify(name)}
library_name: transformers
tags:
- neuroada
- merge
---

# ${name}, fine-tuned

The weights are those of ${name} with what was trained added to them; architecture, tokenizer and every other file are the
base's. Terms of use are the base's, too. Merged with NeuroAda for VS Code ${PRODUCT_VERSION}.

${parts.join('\n')}`;
}

async function adapterSection(path: string, about: AdapterAbout): Promise<string> {
  const folder = await runFolderOf(path);
  const run = folder === undefined ? undefined : await summarizeRun(folder);
  const title = run?.record.name ?? basename(path);
  return [
    `## ${title}`,
    '',
    `- Method: ${methodText(about, run)}`,
    `- Trained parameters: ${about.trainableParameters.toLocaleString('en')}${shareText(run)}`,
    ...(about.baseFingerprint === undefined
      ? []
      : [`- Base: ${basename(about.base)} (\`${about.baseFingerprint.algorithm}\` ${about.baseFingerprint.value})`]),
    ...(run === undefined ? [] : runLines(run)),
    '',
  ].join('\n');
}

function methodText({ strategy, k }: AdapterAbout, run: RunOverview | undefined): string {
  const method = run?.record.configuration.method;
  const selected = `${String(k)} input connections of each neuron, selected by ${strategy}`;
  if (method === 'masked') return `${NAMES['masked'] ?? method}, ${selected}`;
  return k > 0 ? `NeuroAda, ${selected}` : (NAMES[strategy] ?? strategy);
}

function shareText(run: RunOverview | undefined): string {
  const share = run?.summary.selection?.trainableShare;
  return share === undefined ? '' : ` (${(share * 100).toPrecision(3)} % of all)`;
}

function runLines({ record, summary }: RunOverview): readonly string[] {
  const { training, data } = record.configuration;
  const files = record.data.map(({ path }) => basename(path)).join(', ');
  const lines = [
    `- Data: ${files}${data.limit === undefined ? '' : ` (the first ${String(data.limit)} training examples)`}`,
    `- Training: ${String(summary.step)} steps of ${String(training.batchSize)} examples, AdamW, learning rate ${String(training.learningRate)}, ${training.schedule} schedule, seed ${String(training.seed)}`,
    ...(summary.loss === undefined ? [] : [`- Loss of the last step: ${summary.loss.toFixed(4)} nats a token`]),
    ...(summary.bestEvaluation === undefined
      ? []
      : [`- Lowest evaluation loss: ${summary.bestEvaluation.loss.toFixed(4)} nats a token`]),
  ];
  return summary.evaluated.length === 0 ? lines : [...lines, '', ...resultTable(summary.evaluated)];
}

function resultTable(evaluated: readonly EvaluatedEvent[]): readonly string[] {
  const rows = evaluated.map(({ task, metric, examples, baseValue, value, low, high }) => {
    const before = baseValue === undefined ? '' : baseValue.toFixed(3);
    return `| ${task} | ${metric} | ${String(examples)} | ${before} | ${value.toFixed(3)} | ${low.toFixed(3)} – ${high.toFixed(3)} |`;
  });
  return [
    '| task | metric | examples | base | tuned | 95 % interval |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
}
