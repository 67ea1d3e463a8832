/** What one progress view is told: follows its runs and sends cards, curves and comparison when they change. */
import type { ProgressHostMessage, ProgressView, RunCard } from '../../engine/protocol/webview.ts';
import type { Subscription } from '../runs/listeners.ts';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { compareConfigurations } from './comparison.ts';
import { compareScores } from './scores.ts';
import { checkedView, drawnCurves, readCurves, type ShownSeries } from './curves.ts';
import { SeriesFollower } from './seriesFollower.ts';

export interface SessionPorts {
  readonly store: RunStore;
  describe(run: Run): RunCard;
  post(message: ProgressHostMessage): void;
  onError(error: unknown): void;
}

/** Four times a second while a run trains. */
const UPDATE_INTERVAL_MS = 250;

export class ProgressSession {
  readonly #ports: SessionPorts;
  readonly #subscription: Subscription;
  #followers: readonly SeriesFollower[];
  #view: ProgressView = checkedView();
  /** The last comparison that was sent, as JSON. */
  #comparison: string | undefined;
  #isListening = false;
  #areCurvesDue = true;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(folders: readonly string[], ports: SessionPorts) {
    this.#ports = ports;
    this.#followers = folders.map((folder) => new SeriesFollower(folder));
    this.#subscription = ports.store.onDidChange(({ folders: changed }) => {
      if (this.#followers.some(({ folder }) => changed.has(folder))) this.#updateSoon();
    });
  }

  /** The shown runs, in the order of their colours. */
  get folders(): readonly string[] {
    return this.#followers.map(({ folder }) => folder);
  }

  get followers(): readonly SeriesFollower[] {
    return this.#followers;
  }

  /** The webview's script runs and knows nothing yet. */
  start(view: Partial<ProgressView> | undefined): Promise<void> {
    this.#isListening = true;
    this.#comparison = undefined;
    this.#view = checkedView(view);
    this.#areCurvesDue = true;
    return this.#update();
  }

  look(view: Partial<ProgressView>): Promise<void> {
    this.#view = checkedView(view);
    this.#areCurvesDue = true;
    return this.#update();
  }

  /** Answers at once from what was read so far. */
  read(step: number): void {
    if (!this.#isListening || !Number.isFinite(step)) return;
    this.#ports.post({ type: 'reading', step, runs: readCurves(this.#shownSeries(), step, this.#view.smoothing) });
  }

  /** The webview's page is gone until the next `start`. */
  pause(): void {
    this.#isListening = false;
  }

  show(folders: readonly string[]): Promise<void> {
    const known = new Map(this.#followers.map((follower) => [follower.folder, follower]));
    this.#followers = folders.map((folder) => known.get(folder) ?? new SeriesFollower(folder));
    this.#areCurvesDue = true;
    return this.#update();
  }

  dispose(): void {
    this.#isListening = false;
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  #updateSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#update();
    }, UPDATE_INTERVAL_MS);
  }

  #update(): Promise<void> {
    this.#work = this.#work.then(() => this.#updateNow()).catch((error: unknown) => this.#ports.onError(error));
    return this.#work;
  }

  async #updateNow(): Promise<void> {
    if (!this.#hasListener()) return;
    this.#postRuns();
    for (const follower of this.#followers) {
      if (await follower.readOn()) this.#areCurvesDue = true;
    }
    if (!this.#areCurvesDue || !this.#hasListener()) return;
    this.#areCurvesDue = false;
    this.#ports.post({ type: 'curves', view: this.#view, runs: drawnCurves(this.#shownSeries(), this.#view) });
  }

  #shownSeries(): ShownSeries[] {
    return this.#followers.map(({ folder, series }) => ({ runId: folder, series }));
  }

  #hasListener(): boolean {
    return this.#isListening;
  }

  #postRuns(): void {
    const { store } = this.#ports;
    const runs = this.#followers.map(({ folder }) => store.get(folder));
    const known = runs.filter((run) => run !== undefined);
    this.#ports.post({ type: 'runs', runs: known.map((run) => this.#ports.describe(run)) });
    const rows = compareConfigurations(known.map((run) => run.identity.configuration));
    const scores = compareScores(known.map(({ summary }) => summary.evaluated));
    const comparison = JSON.stringify([rows, scores]);
    if (comparison === this.#comparison) return;
    this.#comparison = comparison;
    this.#ports.post({ type: 'comparison', rows, scores });
  }
}
