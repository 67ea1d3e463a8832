/** The card of a merged model: what it was made from, by which method, on which data, and what was measured. */
import { basename } from 'node:path';
import { readAdapterAbout, type AdapterAbout } from '../../adapter/adapterAbout.ts';
import { readHeadFile, type TrainedClassifier } from '../../adapter/headFile.ts';
import { ENCODER_TYPES } from '../../checkpoint/config/encoderConfig.ts';
import type { EvaluatedEvent } from '../../protocol/runs/events.ts';
import type { RunEvaluation } from '../../protocol/runs/runSummary.ts';
import { runFolderOf } from '../../run/adapterLocation.ts';
import { summarizeRun, type RunOverview } from '../../run/runOverview.ts';
import { PRODUCT_VERSION } from '../productVersion.ts';

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
  for (const { path, adapter } of paths) parts.push(await adapterSection(path, adapter));
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

async function adapterSection(path: string, adapter: string): Promise<string> {
  const about = await readAdapterAbout(adapter);
  const classifier = await readHeadFile(adapter);
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
    ...(classifier === undefined ? [] : [classifierText(classifier)]),
    ...(run === undefined ? [] : runLines(run)),
    '',
  ].join('\n');
}

/** What an encoder predicts; its classifier is no part of the count of trained parameters. */
function classifierText({ problem, labels, tensors }: TrainedClassifier): string {
  const count = tensors.reduce((sum, { values }) => sum + values.length, 0).toLocaleString('en');
  const predicted = problem === 'regression' ? 'a number' : labels.join(', ');
  return `- Classifier: predicts ${predicted}; its ${count} parameters were trained as a whole`;
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
  const unit = ENCODER_TYPES.some((type) => type === record.base.modelType) ? 'a text' : 'nats a token';
  const files = record.data.map(({ path }) => basename(path)).join(', ');
  const lines = [
    `- Data: ${files}${data.limit === undefined ? '' : ` (the first ${String(data.limit)} training examples)`}`,
    `- Training: ${String(summary.step)} steps of ${String(training.batchSize)} examples, AdamW, learning rate ${String(training.learningRate)}, ${training.schedule} schedule, seed ${String(training.seed)}`,
    ...(summary.loss === undefined ? [] : [`- Loss of the last step: ${summary.loss.toFixed(4)} ${unit}`]),
    ...(summary.bestEvaluation === undefined
      ? []
      : [`- ${bestText(summary.bestEvaluation)}: ${summary.bestEvaluation.loss.toFixed(4)} ${unit}`]),
  ];
  return summary.evaluated.length === 0 ? lines : [...lines, '', ...resultTable(summary.evaluated)];
}

/** What the loss of the chosen step is. */
function bestText({ scores, chosenBy }: RunEvaluation): string {
  const score = chosenBy === undefined ? undefined : scores?.[chosenBy];
  if (chosenBy === undefined || score === undefined) return 'Lowest evaluation loss';
  return `Evaluation loss of the step with the best ${chosenBy} (${score.toFixed(4)})`;
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
