/** A configuration file as the commands use it: saved, read, and refused with its problems. */
import { basename } from 'node:path';
import { commands, l10n, Range, Uri, window, workspace } from 'vscode';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';

const SUFFIX = '.neuroada.json';

/** The file that a command is about: the resource it was called on, or the active editor's. */
export function configurationUri(resource: unknown): Uri | undefined {
  const uri = resource instanceof Uri ? resource : window.activeTextEditor?.document.uri;
  return uri?.path.endsWith(SUFFIX) === true ? uri : undefined;
}

/** The name that a run of this file has if the file names none. */
export function configurationName(uri: Uri): string {
  return basename(uri.path, SUFFIX);
}

/** The file's configuration, paths absolute; undefined where it has problems, which the user is then told. */
export async function readConfigurationFile(jobs: JobsEngine, uri: Uri): Promise<RunConfiguration | undefined> {
  const document = await workspace.openTextDocument(uri);
  if (document.isDirty) await document.save();
  const params = { text: document.getText(), file: uri.fsPath };
  const { configuration, problems } = await jobs.run('readConfiguration', params, new AbortController().signal);
  if (configuration !== undefined) return configuration;
  const [first] = problems;
  if (first === undefined) return undefined;
  const selection = new Range(first.line - 1, first.column - 1, first.endLine - 1, first.endColumn - 1);
  await window.showTextDocument(document, { selection });
  const show = l10n.t('Show Problems');
  const subject = first.field === '' ? '' : `${first.field}: `;
  const more = problems.length === 1 ? '' : ` ${l10n.t('({0} problems in all)', problems.length)}`;
  const text = `${basename(uri.path)}:${first.line}: ${subject}${first.message}${more}`;
  void window.showErrorMessage(text, show).then((choice) => {
    if (choice === show) void commands.executeCommand('workbench.actions.view.problems');
  });
  return undefined;
}
