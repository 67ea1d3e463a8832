/** "Check Data": reads every record as training would, and lists what is wrong in the Problems panel. */
import { basename } from 'node:path';
import { commands, l10n, Range, window, workspace, type TextDocument } from 'vscode';
import type { Problem } from '../../engine/protocol/rpc.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import type { ProblemList } from '../problems/problemList.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import { configurationUri, readConfigurationFile } from './configurationFile.ts';

export async function checkData(jobs: JobsEngine, list: ProblemList, resource: unknown): Promise<void> {
  const uri = configurationUri(resource);
  if (uri === undefined || !(await isTrusted())) return;
  const configuration = await readConfigurationFile(jobs, uri);
  if (configuration === undefined) return;
  const { problems } = await withJobProgress(l10n.t('Checking the data of {0}', basename(uri.path)), (signal, report) =>
    jobs.run('check', { configuration }, signal, report),
  );
  const document = await workspace.openTextDocument(uri);
  list.replace(uri, problems, (problem) => rangeOfInput(document, problem));
  // The command to view the panel would close it where it is open.
  if (problems.length > 0) await commands.executeCommand('workbench.panel.markers.view.focus');
  else void window.showInformationMessage(l10n.t('{0}: model and data are fine.', basename(uri.path)));
}

/** Where the configuration names the checkpoint or the data that a problem without a line is about. */
function rangeOfInput(document: TextDocument, { code }: Problem): Range | undefined {
  const key = code.startsWith('checkpoint/') ? /"base"\s*:\s*"[^"]*"/ : /"train"\s*:\s*("[^"]*"|\[[^\]]*\])/;
  const match = key.exec(document.getText());
  if (match === null) return undefined;
  return new Range(document.positionAt(match.index), document.positionAt(match.index + match[0].length));
}
