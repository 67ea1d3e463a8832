/** "Start Training Run": the steps from a checkpoint and data to a run, or to a configuration file. */
import { join } from 'node:path';
import { l10n, Uri, window, workspace, type Memento } from 'vscode';
import { configurationText } from '../configuration/configurationText.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import type { ErrorReport } from '../problems/errorReport.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { homeFolderOf, runsFolderIn } from '../settings/settings.ts';
import { completeConfiguration, draftConfiguration, runName, type LaunchDraft } from './launchDraft.ts';
import { launchStart, rememberLaunch } from './launchSources.ts';
import type { RunStart } from './runStart.ts';
import { budgetStep } from './steps/budgetStep.ts';
import { checkpointStep } from './steps/checkpointStep.ts';
import { dataStep } from './steps/dataStep.ts';
import { deviceStep } from './steps/deviceStep.ts';
import { epochsStep } from './steps/epochsStep.ts';
import type { EngineAnswers, LaunchStep } from './steps/launchStep.ts';
import { presetStep } from './steps/presetStep.ts';
import { reviewStep, type ReviewEnd } from './steps/reviewStep.ts';
import { walk } from './wizard.ts';

export interface Launch {
  readonly jobs: JobsEngine;
  readonly starts: RunStart;
  readonly errors: ErrorReport;
  readonly state: Memento;
  readonly showRun: (runFolder: string) => void;
}

/** @param resource what the command was called on: a checkpoint folder or a data file */
export async function startTraining(launch: Launch, resource: unknown): Promise<void> {
  if (!(await isTrusted())) return;
  const engine = engineAnswers(launch);
  const start = await launchStart(resource, launch.state);
  let end: ReviewEnd = 'cancel';
  const review: LaunchStep = async (draft, place) => {
    end = await reviewStep(engine, draft, place);
    return end === 'back' || end === 'cancel' ? end : { draft };
  };
  const steps = [
    checkpointStep,
    dataStep,
    presetStep(engine),
    budgetStep(engine),
    epochsStep,
    deviceStep(engine),
    review,
  ];
  const draft = await walk(l10n.t('Start Training Run'), steps, start);
  if (draft === undefined) return;
  await rememberLaunch(launch.state, draft);
  if ((end as ReviewEnd) === 'save') await saveConfiguration(draft);
  else await startDraft(launch, draft);
}

async function startDraft(launch: Launch, draft: LaunchDraft): Promise<void> {
  const configuration = await completeConfiguration(draftConfiguration(draft));
  const runsFolder = runsFolderIn(homeFolderOf(draft.data));
  const folder = await launch.starts.start(configuration, { name: runName(draft.base, draft.data), runsFolder });
  launch.showRun(folder);
}

async function saveConfiguration(draft: LaunchDraft): Promise<void> {
  const name = runName(draft.base, draft.data).replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  const target = await window.showSaveDialog({
    title: l10n.t('Save as Configuration'),
    defaultUri: Uri.file(join(homeFolderOf(draft.data), `${name}.neuroada.json`)),
    filters: { [l10n.t('NeuroAda configuration')]: ['neuroada.json', 'json'] },
  });
  if (target === undefined) return;
  const text = await configurationText(draftConfiguration(draft), target.fsPath);
  await workspace.fs.writeFile(target, new TextEncoder().encode(text));
  await window.showTextDocument(target);
}

/** Answers are kept while the steps go on, so that going back and forth is quick. */
function engineAnswers({ jobs, starts, errors }: Launch): EngineAnswers {
  const signal = new AbortController().signal;
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(key: object, ask: () => Promise<T>): Promise<T> => {
    const text = JSON.stringify(key);
    const answer = known.get(text) ?? ask();
    known.set(text, answer);
    answer.catch(() => known.delete(text));
    return answer as Promise<T>;
  };
  return {
    devices: () =>
      once({ ask: 'devices' }, async () => {
        const devices = await jobs.run('devices', {}, signal);
        await starts.noteDevices(devices);
        return devices;
      }),
    estimate: (draft) =>
      once({ ask: 'estimate', draft }, async () => {
        const configuration = await completeConfiguration(draftConfiguration(draft));
        return jobs.run('estimate', { configuration }, signal);
      }),
    preview: (draft, preset) =>
      once({ ask: 'preview', base: draft.base, data: draft.data, ...preset }, async () => {
        const configuration = await completeConfiguration(draftConfiguration({ ...draft, ...preset }));
        return jobs.run('preview', { configuration, examples: 1 }, signal);
      }),
    showError: (error) => {
      errors.show(error);
    },
  };
}
