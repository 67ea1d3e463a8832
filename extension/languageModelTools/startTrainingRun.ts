/** The tool `start_trainingRun`: from a configuration file, or from a checkpoint and data, after the user's consent. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { l10n, MarkdownString, Uri, workspace, type LanguageModelTool } from 'vscode';
import type { RunConfiguration, RunConfigurationInput } from '../../engine/protocol/configuration/configuration.ts';
import type { Problem } from '../../engine/protocol/rpc.ts';
import { configurationName } from '../configuration/configurationFile.ts';
import { completeConfiguration, draftConfiguration, runName } from '../launch/launchDraft.ts';
import { defaultDevice, homeFolderOf, runsFolderIn, threadCount } from '../settings/settings.ts';
import { abortSignal, jsonResult, requireTrust, type ToolContext } from './toolContext.ts';

export interface StartInput {
  /** A `*.neuroada.json` file; then nothing else is needed. */
  readonly configurationFile?: string;
  readonly base?: string;
  readonly data?: string;
  readonly k?: number;
  readonly epochs?: number;
  readonly learningRate?: number;
}

interface Start {
  readonly configuration: RunConfiguration;
  readonly name: string;
  readonly runsFolder: string;
}

export function startTrainingRunTool(context: ToolContext): LanguageModelTool<StartInput> {
  return {
    prepareInvocation: ({ input }) => ({
      invocationMessage: l10n.t('Starting a training run'),
      confirmationMessages: { title: l10n.t('Start Training Run'), message: question(input) },
    }),
    async invoke({ input }, token) {
      requireTrust();
      const signal = abortSignal(token);
      const { configuration, name, runsFolder } = await startOf(context, input, signal);
      const { problems } = await context.jobs.run('check', { configuration }, signal);
      const errors = problems.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) throw new Error(errors.map(problemText).join('\n'));
      const folder = await context.starts.start(configuration, { name, runsFolder });
      return jsonResult({ run: name, folder, next: 'get_runStatus tells how it goes' });
    },
  };
}

function question({ configurationFile, base, data, k, epochs }: StartInput): MarkdownString {
  const text = new MarkdownString();
  if (configurationFile !== undefined) return text.appendText(l10n.t('Train as {0} says?', configurationFile));
  text.appendText(l10n.t('Train {0} on {1}?', base ?? '?', data ?? '?'));
  const details = [
    ...(k === undefined ? [] : [l10n.t('{0} connections per neuron', k)]),
    ...(epochs === undefined ? [] : [l10n.t('{0} epochs', epochs)]),
  ];
  return details.length === 0 ? text : text.appendText(` (${details.join(', ')})`);
}

async function startOf(context: ToolContext, input: StartInput, signal: AbortSignal): Promise<Start> {
  if (input.configurationFile !== undefined) return startOfFile(context, absolute(input.configurationFile), signal);
  if (input.base === undefined || input.data === undefined) {
    throw new Error(l10n.t('Expected a configurationFile, or both base and data.'));
  }
  const [base, data] = [absolute(input.base), absolute(input.data)];
  const draft = draftConfiguration({
    ...{ base, data, template: 'auto', task: undefined, evaluation: undefined },
    ...{ device: defaultDevice(), threads: threadCount() },
    budget: { k: input.k ?? 1 },
    epochs: input.epochs ?? 3,
  });
  const configuration = await completeConfiguration(withLearningRate(draft, input.learningRate));
  return { configuration, name: runName(base, data), runsFolder: runsFolderIn(homeFolderOf(data)) };
}

function withLearningRate(input: RunConfigurationInput, learningRate: number | undefined): RunConfigurationInput {
  return learningRate === undefined ? input : { ...input, training: { ...input.training, learningRate } };
}

async function startOfFile({ jobs }: ToolContext, file: string, signal: AbortSignal): Promise<Start> {
  const uri = Uri.file(file);
  const text = new TextDecoder().decode(await workspace.fs.readFile(uri));
  const { configuration, problems } = await jobs.run('readConfiguration', { text, file }, signal);
  if (configuration === undefined) {
    throw new Error(problems.map(({ line, field, message }) => `${file}:${line}: ${field} ${message}`).join('\n'));
  }
  return {
    configuration,
    name: configuration.name ?? configurationName(uri),
    runsFolder: runsFolderIn(dirname(file)),
  };
}

/** A path as the agent gives it: absolute, or in the first workspace folder. */
function absolute(path: string): string {
  const home = workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (isAbsolute(path)) return path;
  if (home === undefined) throw new Error(l10n.t('Expected an absolute path, found {0}: no folder is open.', path));
  return resolve(home, path);
}

function problemText({ place, problem, fix }: Problem): string {
  const { file, line } = place;
  const where = file === undefined ? '' : line === undefined ? `${file}: ` : `${file}:${line}: `;
  return `${where}${problem} ${fix}`;
}
