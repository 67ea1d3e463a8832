/** What a launch starts from: the resource that it was called on, the settings, and the choices of the last time. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Uri, type Memento } from 'vscode';
import { defaultDevice, threadCount } from '../settings/settings.ts';
import type { LaunchDraft } from './launchDraft.ts';

const LAST_CHOICES = 'neuroada.lastLaunch';

type Choices = Pick<LaunchDraft, 'base' | 'data' | 'template' | 'task' | 'evaluation' | 'budget' | 'epochs'>;

const FIRST_CHOICES: Choices = {
  ...{ base: '', data: '', template: 'auto', task: undefined, evaluation: undefined },
  ...{ budget: { k: 1 }, epochs: 3 },
};

/** @param resource a checkpoint folder, or a data file, or nothing */
export async function launchStart(resource: unknown, state: Memento): Promise<LaunchDraft> {
  const choices = { ...FIRST_CHOICES, ...state.get<Partial<Choices>>(LAST_CHOICES), ...(await choicesOf(resource)) };
  return { ...choices, device: defaultDevice(), threads: threadCount() };
}

export async function rememberLaunch(state: Memento, draft: LaunchDraft): Promise<void> {
  const { base, data, template, task, evaluation, budget, epochs } = draft;
  const choices: Choices = { base, data, template, task, evaluation, budget, epochs };
  await state.update(LAST_CHOICES, choices);
}

async function choicesOf(resource: unknown): Promise<Partial<Choices>> {
  if (!(resource instanceof Uri)) return {};
  const path = resource.fsPath;
  if ((await stat(path)).isDirectory()) return { base: path };
  return extname(path) === '' ? {} : { data: path, template: 'auto', task: undefined, evaluation: undefined };
}
