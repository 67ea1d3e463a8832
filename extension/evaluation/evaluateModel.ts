/** "Evaluate Model": asks what for, evaluates with a progress that can be cancelled, and opens what came out. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { l10n, window } from 'vscode';
import type { EvaluateParams } from '../../engine/protocol/answers/evaluation.ts';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import type { Run } from '../runs/run.ts';
import { openEvaluation } from './evaluationDocuments.ts';
import { chooseQuestions } from './evaluationQuestions.ts';
import { chooseTextQuestions } from './textQuestions.ts';

/** Answers that are generated side by side. */
const ROW_COUNT = 16;

/** Whether an evaluation was made. */
export async function evaluateRun(jobs: JobsEngine, { folder, identity }: Run): Promise<boolean> {
  if (!(await isTrusted())) return false;
  const title = l10n.t('Evaluate {0}', identity.name);
  const train = identity.configuration?.data.train;
  const beside = (typeof train === 'string' ? train : train?.[0]) ?? folder;
  const ask = (await hasLabels(folder)) ? chooseTextQuestions : chooseQuestions;
  const questions = await ask(title, beside);
  if (questions === undefined) return false;
  const params: EvaluateParams = { model: folder, ...questions, rowCount: ROW_COUNT, includesBase: true };
  const result = await withJobProgress(title, (signal, report) => jobs.run('evaluate', params, signal, report));
  if (result.missing.length > 0) {
    const tasks = result.missing.join(', ');
    void window.showInformationMessage(l10n.t('Left out, since their test files are not there: {0}.', tasks));
  }
  for (const evaluation of result.evaluations) await openEvaluation(evaluation.folder);
  return true;
}

/** Whether the run trains an encoder, which labels texts. */
function hasLabels(runFolder: string): Promise<boolean> {
  return access(join(runFolder, RUN_FILES.labels)).then(
    () => true,
    () => false,
  );
}
