/** "Merge into Base Model": asks for order, base, dtype and output, merges with a progress that can be cancelled, tells the result. */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { l10n, window, type QuickPickItem, type Uri } from 'vscode';
import type { MergeParams, MergeResult } from '../../engine/protocol/rpc.ts';
import { EngineExpectedError } from '../engine/engineError.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { adapterOf, type AdapterSource } from './adapterSource.ts';
import { chooseOrder } from './mergeOrder.ts';
import { showMergeResult } from './mergeReport.ts';

/** The engine refuses a base with another fingerprint under this code. */
const OTHER_BASE = 'merge/otherBase';

/** Merges the adapters of runs, folders or files; returns the folders of the runs that they belong to. */
export async function mergeResources(jobs: JobsEngine, resources: readonly Uri[]): Promise<string[]> {
  const sources = await Promise.all(resources.map(adapterOf));
  const missing = resources.find((_, index) => sources[index] === undefined);
  if (missing !== undefined) {
    const expected = l10n.t('expected a finished run, a folder with adapter_model.safetensors, or that file');
    void window.showErrorMessage(l10n.t('{0} holds no adapter: {1}.', missing.fsPath, expected));
    return [];
  }
  const adapters = sources.filter((source) => source !== undefined);
  await mergeAdapters(jobs, adapters);
  return adapters.map(({ runFolder }) => runFolder).filter((folder) => folder !== undefined);
}

async function mergeAdapters(jobs: JobsEngine, adapters: readonly AdapterSource[]): Promise<MergeResult | undefined> {
  if (adapters.length === 0 || !(await isTrusted())) return undefined;
  const title = l10n.t('Merge into Base Model');
  const ordered = adapters.length === 1 ? adapters : await chooseOrder(adapters, title);
  const first = ordered?.[0];
  if (ordered === undefined || first === undefined) return undefined;
  const base = first.base ?? (await browseBase(first));
  if (base === undefined) return undefined;
  const dtype = await chooseDtype(title);
  if (dtype === undefined) return undefined;
  const output = await askOutput(title, suggestOutput(base, ordered));
  if (output === undefined) return undefined;
  const params = { adapters: ordered.map(({ folder }) => folder), base, output, dtype, allowOtherBase: false };
  const result = await mergeOrOverride(jobs, params);
  if (result !== undefined) void showMergeResult(result);
  return result;
}

/** Merges; where the base is not the one the adapter was trained on, the user decides. */
async function mergeOrOverride(jobs: JobsEngine, params: MergeParams): Promise<MergeResult | undefined> {
  try {
    return await runMerge(jobs, params);
  } catch (error) {
    if (!(error instanceof EngineExpectedError) || error.code !== OTHER_BASE) throw error;
    const anyway = l10n.t('Merge Anyway');
    const choice = await window.showWarningMessage(error.message, { modal: true }, anyway);
    return choice === anyway ? runMerge(jobs, { ...params, allowOtherBase: true }) : undefined;
  }
}

function runMerge(jobs: JobsEngine, params: MergeParams): Promise<MergeResult> {
  const title = l10n.t('Merging into {0}', basename(params.output));
  return withJobProgress(title, (signal, report) => jobs.run('merge', params, signal, report));
}

/** A new folder beside the base. */
export function suggestOutput(base: string, adapters: readonly AdapterSource[]): string {
  const model = basename(base);
  const label = adapters.map(({ name }) => name).join('+');
  const path = join(dirname(base), (label.startsWith(model) ? label : `${model}-${label}`).slice(0, 120));
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}

interface DtypeItem extends QuickPickItem {
  readonly dtype: MergeParams['dtype'];
}

async function chooseDtype(title: string): Promise<MergeParams['dtype'] | undefined> {
  const items: DtypeItem[] = [
    { dtype: 'base', label: l10n.t("The base model's dtype"), description: l10n.t('same size and format as the base') },
    { dtype: 'F32', label: 'F32', description: l10n.t('no delta is lost to rounding; a 16-bit base doubles in size') },
  ];
  const placeholder = l10n.t('Additions are made in 32 bits and rounded once to this dtype');
  return (await window.showQuickPick(items, { title, placeHolder: placeholder }))?.dtype;
}

function askOutput(title: string, suggested: string): Thenable<string | undefined> {
  return window.showInputBox({
    title,
    prompt: l10n.t('Folder of the merged model; it must not exist yet'),
    value: suggested,
    valueSelection: [dirname(suggested).length + 1, suggested.length],
    validateInput: (value) => {
      if (!isAbsolute(value)) return l10n.t('Expected an absolute path.');
      return existsSync(value) ? l10n.t('{0} exists already: choose another name.', value) : undefined;
    },
  });
}

async function browseBase(adapter: AdapterSource): Promise<string | undefined> {
  const browse = l10n.t('Choose Base Model…');
  const message = l10n.t('The base model of "{0}" is not where it was.', adapter.name);
  if ((await window.showWarningMessage(message, browse)) !== browse) return undefined;
  const chosen = await window.showOpenDialog({ title: browse, canSelectFiles: false, canSelectFolders: true });
  return chosen?.[0]?.fsPath;
}
