/** "Compare Methods": asks which and how often, trains them with a progress that can be cancelled, and opens the report. */
import { basename, dirname, join } from 'node:path';
import { commands, l10n, ThemeIcon, Uri, window, workspace, type QuickPickItem } from 'vscode';
import type { CompareParams, CompareRequest } from '../../engine/protocol/comparison.ts';
import { METHODS, type Method } from '../../engine/protocol/configuration/methods.ts';
import { configurationName, configurationUri, readConfigurationFile } from '../configuration/configurationFile.ts';
import { CancelledError } from '../engine/engineError.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { runFolderName } from '../launch/runFolderName.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { runsFolderIn } from '../settings/settings.ts';
import { parseNumberList } from './numberList.ts';
import { withScoring } from './runScoring.ts';
import { stoppedComparisons } from './stoppedComparisons.ts';

/** Chosen at first: NeuroAda, what it replaces, its best-known rival, and the whole. */
const FIRST_CHOICE: readonly Method[] = ['neuroada', 'masked', 'lora', 'full'];
const FILE_LIMIT = 200;

interface FileItem extends QuickPickItem {
  readonly uri: Uri;
}

interface MethodItem extends QuickPickItem {
  readonly method: Method;
}

/** @param onBegin called with the comparison's folder before its runs begin */
export async function compareMethods(
  jobs: JobsEngine,
  resource: unknown,
  onBegin: (output: string) => void,
): Promise<void> {
  if (!(await isTrusted())) return;
  const title = l10n.t('Compare Methods');
  const stopped = configurationUri(resource) === undefined ? await chooseStopped(title) : 'new';
  if (stopped === undefined) return;
  if (stopped !== 'new') {
    onBegin(stopped);
    await runComparison(jobs, { resume: stopped }, basename(stopped));
    return;
  }
  const uri = configurationUri(resource) ?? (await chooseConfiguration(title));
  const configuration = uri === undefined ? undefined : await readConfigurationFile(jobs, uri);
  if (uri === undefined || configuration === undefined) return;
  const methods = await chooseMethods(title);
  if (methods === undefined || methods.length === 0) return;
  const seeds = await askNumbers(title, l10n.t('Seeds: each method is trained once with each'), '1, 2, 3', 0, false);
  if (seeds === undefined) return;
  const ksPrompt = l10n.t('Connections per neuron to compare; empty: as in the configuration');
  const ks = await askNumbers(title, ksPrompt, '', 1, true);
  if (ks === undefined) return;
  const scored = await withScoring(title, uri.fsPath, configuration);
  if (scored === undefined) return;
  const name = runFolderName(`comparison-${configuration.name ?? configurationName(uri)}`, new Date());
  const output = join(runsFolderIn(dirname(uri.fsPath)), name);
  const params: CompareParams = { configuration: scored, methods, seeds, ks, learningRates: {}, output };
  onBegin(output);
  await runComparison(jobs, params, basename(uri.path));
}

/** Tells where it stands if it is cancelled. */
async function runComparison(jobs: JobsEngine, request: CompareRequest, name: string): Promise<void> {
  try {
    const { report } = await withJobProgress(l10n.t('Comparing methods: {0}', name), (signal, tell) =>
      jobs.run('compare', request, signal, tell),
    );
    await commands.executeCommand('markdown.showPreview', Uri.file(report));
  } catch (error) {
    if (error instanceof CancelledError) {
      void window.showInformationMessage(
        l10n.t('The comparison was stopped; what was trained is kept. "Compare Methods" can go on with it.'),
      );
    }
    throw error;
  }
}

/** A comparison that was stopped, or a new one, which is no question where none was stopped. */
async function chooseStopped(title: string): Promise<string | undefined> {
  const folders = await stoppedComparisons();
  if (folders.length === 0) return 'new';
  const items = [
    { folder: 'new', label: l10n.t('A New Comparison'), description: '', iconPath: new ThemeIcon('add') },
    ...folders.map((folder) => ({
      folder,
      label: l10n.t('Go on with {0}', basename(folder)),
      description: workspace.asRelativePath(Uri.file(folder)),
      iconPath: new ThemeIcon('debug-continue'),
    })),
  ];
  const placeHolder = l10n.t('Comparisons that were stopped can be gone on with');
  return (await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.folder;
}

async function chooseConfiguration(title: string): Promise<Uri | undefined> {
  const files = await workspace.findFiles('**/*.neuroada.json', '**/{node_modules,runs}/**', FILE_LIMIT);
  if (files.length === 0) {
    void window.showInformationMessage(
      l10n.t('There is no *.neuroada.json file in this workspace to compare methods on.'),
    );
    return undefined;
  }
  const items = files.map((uri): FileItem => ({
    uri,
    label: configurationName(uri),
    description: workspace.asRelativePath(uri),
  }));
  const placeHolder = l10n.t('What every run has in common');
  return (await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true }))?.uri;
}

async function chooseMethods(title: string): Promise<readonly Method[] | undefined> {
  const descriptions: Readonly<Record<Method, string>> = {
    neuroada: l10n.t('a few connections of every neuron'),
    masked: l10n.t('the same connections by a mask over dense gradients'),
    full: l10n.t('every weight of the target modules'),
    bitfit: l10n.t('the biases of the target modules'),
    superTuning: l10n.t('the largest weights of each matrix'),
    shira: l10n.t('random weights of each matrix'),
    lora: l10n.t('low-rank bypasses'),
  };
  const items = METHODS.map((method): MethodItem => ({
    ...{ method, label: method, description: descriptions[method] },
    picked: FIRST_CHOICE.includes(method),
  }));
  const chosen = await window.showQuickPick(items, {
    title,
    canPickMany: true,
    placeHolder: l10n.t('Methods to train'),
  });
  return chosen?.map(({ method }) => method);
}

async function askNumbers(
  title: string,
  prompt: string,
  value: string,
  least: number,
  canBeEmpty: boolean,
): Promise<readonly number[] | undefined> {
  const problem = l10n.t('Whole numbers from {0} on, such as 1, 2, 3', least);
  const text = await window.showInputBox({
    ...{ title, prompt, value },
    validateInput: (typed) => {
      const numbers = parseNumberList(typed, least);
      return numbers === undefined || (numbers.length === 0 && !canBeEmpty) ? problem : undefined;
    },
  });
  return text === undefined ? undefined : parseNumberList(text, least);
}
