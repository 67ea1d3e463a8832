/** How a run stands, in words and icons of the editor. */
import { l10n, ThemeColor, ThemeIcon } from 'vscode';
import type { ShownStatus } from '../../engine/protocol/webview.ts';
import { isDriven, shownStatus, type Run } from '../runs/run.ts';
import { durationText, evaluationFigure, lossText } from './figures.ts';

export function statusWord(status: ShownStatus): string {
  switch (status) {
    case 'queued':
      return l10n.t('Queued');
    case 'preparing':
      return l10n.t('Preparing');
    case 'selecting':
      return l10n.t('Selecting connections');
    case 'training':
      return l10n.t('Training');
    case 'finished':
      return l10n.t('Finished');
    case 'stopped':
      return l10n.t('Stopped');
    case 'failed':
      return l10n.t('Failed');
    case 'interrupted':
      return l10n.t('Interrupted');
  }
}

export function statusIcon(status: ShownStatus): ThemeIcon {
  switch (status) {
    case 'queued':
      return new ThemeIcon('clock');
    case 'preparing':
    case 'selecting':
    case 'training':
      return new ThemeIcon('sync~spin', new ThemeColor('charts.blue'));
    case 'finished':
      return new ThemeIcon('pass', new ThemeColor('testing.iconPassed'));
    case 'stopped':
      return new ThemeIcon('debug-pause', new ThemeColor('charts.yellow'));
    case 'failed':
      return new ThemeIcon('error', new ThemeColor('testing.iconFailed'));
    case 'interrupted':
      return new ThemeIcon('warning', new ThemeColor('charts.orange'));
  }
}

/** One line: step, loss, time left, or why there is none of them. */
export function runDescription(run: Run): string {
  const { summary, progress, queued } = run;
  const status = shownStatus(run);
  const steps = summary.totalSteps === undefined ? '' : l10n.t('step {0}/{1}', summary.step, summary.totalSteps);
  const loss = summary.loss === undefined ? '' : l10n.t('loss {0}', lossText(summary.loss));
  if (run.isStopping) return joined([l10n.t('saving and stopping…'), steps]);
  switch (status) {
    case 'queued':
      return l10n.t('queued, place {0}', queued?.place ?? 1);
    case 'preparing':
    case 'selecting':
      return progressText(progress) ?? statusWord(status).toLowerCase();
    case 'training': {
      const left = summary.etaMs === undefined ? '' : l10n.t('{0} left', durationText(summary.etaMs));
      return joined([steps, loss, left]) || l10n.t('training');
    }
    case 'finished':
      return joined([bestShortText(run), loss, tookText(run)]);
    case 'failed':
      return joined([statusWord(status).toLowerCase(), summary.step > 0 ? steps : '', firstLine(summary.reason)]);
    case 'stopped':
    case 'interrupted':
      return joined([statusWord(status).toLowerCase(), summary.step > 0 ? steps : '', loss]);
  }
}

/** Where the run's process is, such as `reading checkpoint 40 %`. */
export function progressText(progress: Run['progress']): string | undefined {
  if (progress === undefined) return undefined;
  const { phase, done, total } = progress;
  return total === 0 ? phase : `${phase} ${Math.floor((100 * done) / total)} %`;
}

export function bestText(run: Run): string {
  const best = run.summary.bestEvaluation;
  return best === undefined ? '' : l10n.t('best evaluation {0}', evaluationFigure(best));
}

function bestShortText({ summary: { bestEvaluation } }: Run): string {
  return bestEvaluation === undefined ? '' : l10n.t('best {0}', evaluationFigure(bestEvaluation));
}

function tookText(run: Run): string {
  const { startedTime, updatedTime } = run.summary;
  if (startedTime === undefined || updatedTime === undefined || run.summary.merged.length > 0) return '';
  return durationText(updatedTime - startedTime);
}

function firstLine(text = ''): string {
  return text.split('\n', 1)[0] ?? '';
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

/** For menus' when-clauses: words separated by dots, such as `run.failed.resumable.configured`. */
export function runContextValue(run: Run, can: { resume: boolean; merge: boolean }): string {
  const words = ['run', shownStatus(run)];
  if (isDriven(run)) words.push('live');
  if (can.resume) words.push('resumable');
  if (can.merge) words.push('mergeable');
  if (run.queued !== undefined) words.push('waiting');
  if (run.identity.configuration !== undefined) words.push('configured');
  return words.join('.');
}
