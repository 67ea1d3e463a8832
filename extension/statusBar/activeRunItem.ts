/** The status-bar item of the run that trains now: how far it is, and a way to its progress. */
import { l10n, MarkdownString, StatusBarAlignment, window, type Disposable, type StatusBarItem } from 'vscode';
import { isRunning, shownStatus, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { durationText, lossText } from '../text/figures.ts';
import { runDescription, statusWord } from '../text/statusWords.ts';

/** Left of the language and encoding items, beside those of tasks and tests. */
const PRIORITY = 50;
const MOST_TOOLTIP_LINES = 10;

/** @param openProgress command that shows the progress of a run: takes its folder, or asks where it gets none */
export function createActiveRunItem(store: RunStore, openProgress: string): Disposable[] {
  const item = window.createStatusBarItem('neuroada.activeRun', StatusBarAlignment.Left, PRIORITY);
  item.name = l10n.t('NeuroAda: Active Run');
  const show = (): void => {
    showRuns(item, store.list().filter(isRunning), openProgress);
  };
  show();
  return [item, store.onDidChange(show)];
}

function showRuns(item: StatusBarItem, running: readonly Run[], openProgress: string): void {
  const [first] = running;
  if (first === undefined) {
    item.hide();
    return;
  }
  const words = running.length === 1 ? runWords(first) : l10n.t('{0} runs', running.length);
  item.text = `$(sync~spin) ${words}`;
  item.accessibilityInformation = { label: l10n.t('NeuroAda: {0}', words), role: 'button' };
  item.command = {
    command: openProgress,
    title: l10n.t('Open Progress'),
    arguments: running.length === 1 ? [{ folder: first.folder }] : [],
  };
  item.tooltip = tooltip(running);
  item.show();
}

/** Such as `42 % · loss 0.4127 · 3 min left`. */
function runWords(run: Run): string {
  const { step, totalSteps, loss, etaMs } = run.summary;
  if (shownStatus(run) !== 'training' || totalSteps === undefined) return statusWord(shownStatus(run));
  const parts = [
    `${Math.floor((100 * step) / totalSteps)} %`,
    ...(loss === undefined ? [] : [l10n.t('loss {0}', lossText(loss))]),
    ...(etaMs === undefined ? [] : [l10n.t('{0} left', durationText(etaMs))]),
  ];
  return parts.join(' · ');
}

function tooltip(running: readonly Run[]): MarkdownString {
  const text = new MarkdownString();
  for (const run of running.slice(0, MOST_TOOLTIP_LINES)) {
    text.appendText(`${run.identity.name}: ${runDescription(run)}`).appendMarkdown('\n\n');
  }
  return text;
}
