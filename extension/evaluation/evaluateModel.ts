/** "Evaluate Model": asks for data and scoring, evaluates with a progress that can be cancelled, and opens what came out. */
import { dirname } from 'node:path';
import { l10n, Uri, window, type QuickPickItem } from 'vscode';
import type { EvaluateParams, Scoring } from '../../engine/protocol/evaluation.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { withJobProgress } from '../jobs/jobProgress.ts';
import { isTrusted } from '../problems/trustGuard.ts';
import type { Run } from '../runs/run.ts';
import { openEvaluation } from './evaluationDocuments.ts';

/** Answers that are generated side by side. */
const ROW_COUNT = 16;

interface ScoringItem extends QuickPickItem {
  readonly scoring: Scoring;
  readonly method: EvaluateParams['method'];
}

/** Whether an evaluation was made. */
export async function evaluateRun(jobs: JobsEngine, { folder, identity }: Run): Promise<boolean> {
  if (!(await isTrusted())) return false;
  const title = l10n.t('Evaluate {0}', identity.name);
  const train = identity.configuration?.data.train;
  const beside = typeof train === 'string' ? train : train?.[0];
  const data = await chooseData(title, beside ?? folder);
  if (data === undefined) return false;
  const scoring = await window.showQuickPick(scoringItems(), { title, matchOnDescription: true });
  if (scoring === undefined) return false;
  const params: EvaluateParams = {
    ...{ model: folder, tasks: [], data, scoring: scoring.scoring, method: scoring.method },
    ...{ rowCount: ROW_COUNT, includesBase: true },
  };
  const result = await withJobProgress(title, (signal, report) => jobs.run('evaluate', params, signal, report));
  for (const evaluation of result.evaluations) await openEvaluation(evaluation.folder);
  return true;
}

async function chooseData(title: string, beside: string): Promise<string | undefined> {
  const filters = { [l10n.t('Data')]: ['jsonl', 'json', 'csv', 'tsv', 'parquet'] };
  const openLabel = l10n.t('Evaluate');
  const files = await window.showOpenDialog({ title, openLabel, filters, defaultUri: Uri.file(dirname(beside)) });
  return files?.[0]?.fsPath;
}

function scoringItems(): ScoringItem[] {
  const item = (
    scoring: Scoring,
    label: string,
    description: string,
    method: EvaluateParams['method'] = 'generate',
  ): ScoringItem => ({ scoring, method, label, description });
  return [
    item('exact', l10n.t('Exact'), l10n.t('the answer is the expected text')),
    item('contains', l10n.t('Contains'), l10n.t('the expected text occurs in the answer')),
    item('number', l10n.t('Number'), l10n.t('the last number of the answer is the expected one')),
    item('choice', l10n.t('Choice'), l10n.t('the answer names one of the answers that occur in the data')),
    item(
      'choice',
      l10n.t('Choice by Likelihood'),
      l10n.t('the most probable of the answers in the data'),
      'likelihood',
    ),
    item('regex', l10n.t('Regular Expression'), l10n.t('the expected text is a pattern that the answer matches')),
    item('perplexity', l10n.t('Perplexity'), l10n.t('how probable the expected text is; nothing is generated')),
  ];
}
