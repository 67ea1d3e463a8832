/** Asks how many connections per neuron would be selected of a checkpoint, with a preview of what that comes to. */
import { basename } from 'node:path';
import { InputBoxValidationSeverity, l10n, window } from 'vscode';
import type { CheckpointSource } from '../../engine/protocol/connections/connectionSource.ts';
import { EngineExpectedError } from '../engine/engineError.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { countText, percentText } from '../text/figures.ts';

/** Undefined where the user gives up. */
export async function askHypothetical(jobs: JobsEngine, folder: string): Promise<CheckpointSource | undefined> {
  const sourceOf = (k: number): CheckpointSource => ({ kind: 'checkpoint', folder, k, strategy: 'magnitude' });
  const first = await preview(jobs, sourceOf(1));
  const text = await window.showInputBox({
    title: l10n.t('Inspect Connections of {0}', basename(folder)),
    // What is entered later is previewed as a message below; the box shows none for its first value.
    prompt: l10n.t(
      'Connections per neuron (k) that would be selected: those of largest magnitude. With 1: {0}',
      typeof first === 'string' ? first : first.problem,
    ),
    value: '1',
    validateInput: async (entered) => {
      const k = parseK(entered);
      if (k === undefined) return l10n.t('Enter a whole number from 1 on.');
      const message = await preview(jobs, sourceOf(k));
      return typeof message === 'string' ? { message, severity: InputBoxValidationSeverity.Info } : message.problem;
    },
  });
  const k = text === undefined ? undefined : parseK(text);
  return k === undefined ? undefined : sourceOf(k);
}

function parseK(text: string): number | undefined {
  const k = Number(text);
  return /^\s*\d{1,9}\s*$/.test(text) && k >= 1 ? k : undefined;
}

/** Headers tell it: no weight is read. */
async function preview(jobs: JobsEngine, source: CheckpointSource): Promise<string | { readonly problem: string }> {
  try {
    const description = await jobs.run('inspection/describe', { source }, new AbortController().signal);
    const { selected, totalParameters, modules } = description;
    const share = percentText(selected / (totalParameters ?? NaN));
    return l10n.t('{0} connections of {1} modules, {2} of the parameters', countText(selected), modules.length, share);
  } catch (error) {
    if (error instanceof EngineExpectedError) return { problem: error.message };
    throw error;
  }
}
