/** Jobs with a progress notification that can be cancelled. */
import { ProgressLocation, window } from 'vscode';
import type { JobProgress } from '../../engine/protocol/rpc.ts';

/** Runs the work under a notification; cancelling aborts the signal, and the work decides how it ends. */
export async function withJobProgress<T>(
  title: string,
  work: (signal: AbortSignal, report: (progress: JobProgress) => void) => Promise<T>,
): Promise<T> {
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => {
        controller.abort();
      });
      let phase = '';
      let shownPercent = 0;
      return work(controller.signal, ({ phase: next, done, total }) => {
        if (next !== phase) {
          phase = next;
          progress.report({ message: phase, increment: -shownPercent });
          shownPercent = 0;
        }
        const percent = total === 0 ? 0 : Math.floor((100 * done) / total);
        if (percent <= shownPercent) return;
        progress.report({ message: `${phase} ${percent} %`, increment: percent - shownPercent });
        shownPercent = percent;
      });
    },
  );
}
