/** Tells a screen reader when a run's status changes, and nothing else: figures change too often to be read out. */
import type { RunCard } from '../../engine/protocol/webview.ts';
import { t } from '../host/translations.ts';

export class Announcer {
  readonly #element = document.createElement('div');
  #statuses = new Map<string, string>();

  constructor() {
    this.#element.className = 'visually-hidden';
    this.#element.setAttribute('role', 'status');
    document.body.append(this.#element);
  }

  announce(runs: readonly RunCard[]): void {
    const news = runs.filter(({ runId, status }) => {
      const before = this.#statuses.get(runId);
      return before !== undefined && before !== status;
    });
    this.#statuses = new Map(runs.map(({ runId, status }) => [runId, status]));
    if (news.length > 0) {
      this.#element.textContent = news.map(({ name, statusText }) => t('{0}: {1}', name, statusText)).join('. ');
    }
  }
}
