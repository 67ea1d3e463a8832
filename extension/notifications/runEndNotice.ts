/** One actionable notification when a run ends that the user is not looking at. */
import { commands, l10n, window, type Disposable } from 'vscode';
import { shownStatus, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { notificationLevel } from '../settings/settings.ts';
import { bestText, runDescription } from '../text/statusWords.ts';
import { isEnd, RunEnds, type EndStatus } from './runEnds.ts';

/** Commands that the notification offers; each takes `{ folder }` of the run. */
export interface NoticeCommands {
  readonly openProgress: string;
  readonly resume: string;
  readonly merge: string;
  readonly openLog: string;
}

/** Longer than it takes to record how a process died. */
const REASON_PAUSE_MS = 2_500;

/** @param isToldElsewhere whether the user learns of the run's end without a notification */
export function createRunEndNotice(
  store: RunStore,
  isToldElsewhere: (folder: string) => boolean,
  offered: NoticeCommands,
): Disposable {
  const ends = new RunEnds();
  for (const run of store.list()) ends.see(run);
  return store.onDidChange(({ folders }) => {
    for (const folder of folders) {
      const run = store.get(folder);
      if (run === undefined) {
        ends.forget(folder);
        continue;
      }
      const end = ends.see(run);
      if (end === undefined || isToldElsewhere(folder) || !isWanted(end)) continue;
      if (end === 'interrupted') setTimeout(() => notifyDeath(store, folder, offered), REASON_PAUSE_MS).unref();
      else void notify(run, end, offered);
    }
  });
}

/** A dead process is noticed before the reason of its death is in the log. */
function notifyDeath(store: RunStore, folder: string, offered: NoticeCommands): void {
  const run = store.get(folder);
  if (run === undefined) return;
  const status = shownStatus(run);
  if (isEnd(status)) void notify(run, status, offered);
}

/** The user's own stop needs no word. */
function isWanted(end: EndStatus): boolean {
  const level = notificationLevel();
  if (end === 'stopped' || level === 'none') return false;
  return level === 'all' || end !== 'finished';
}

async function notify(run: Run, end: EndStatus, offered: NoticeCommands): Promise<void> {
  const target = { folder: run.folder };
  const show = { title: l10n.t('Show Progress'), command: offered.openProgress };
  const resume = { title: l10n.t('Resume'), command: offered.resume };
  const { name } = run.identity;
  const choice =
    end === 'finished'
      ? await window.showInformationMessage(finishedText(run), show, {
          title: l10n.t('Merge…'),
          command: offered.merge,
        })
      : end === 'interrupted'
        ? await window.showWarningMessage(
            l10n.t('The run "{0}" was interrupted: its process is gone. It goes on from its last checkpoint.', name),
            resume,
            show,
          )
        : await window.showErrorMessage(failedText(run), resume, show, {
            title: l10n.t('Open Log'),
            command: offered.openLog,
          });
  if (choice !== undefined) await commands.executeCommand(choice.command, target);
}

function finishedText(run: Run): string {
  const best = bestText(run);
  const { name } = run.identity;
  return best === ''
    ? l10n.t('The run "{0}" has finished ({1}).', name, runDescription(run))
    : l10n.t('The run "{0}" has finished: {1}.', name, best);
}

function failedText(run: Run): string {
  const reason = run.summary.reason?.split('\n')[0] ?? l10n.t('no reason is known');
  return l10n.t('The run "{0}" failed: {1}', run.identity.name, reason);
}
