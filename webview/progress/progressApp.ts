/** Holds the view's state: takes the host's messages and the user's wishes, and draws at most once a frame. */
import { render } from 'lit';
import type {
  ProgressDisplay,
  ProgressHostMessage,
  ProgressState,
  ProgressView,
  ProgressWebviewMessage,
  RunAction,
  RunCurves,
} from '../../engine/protocol/webview.ts';
import type { Channel } from '../host/channel.ts';
import { observeTheme, readTheme } from '../theme/theme.ts';
import { Announcer } from './announcer.ts';
import { chartKinds } from './state/metrics.ts';
import { page, type Chart, type PageListener } from './page.ts';
import { PlotElement } from './plot/plotElement.ts';
import { plotLines } from './plot/plotLines.ts';
import { picture } from './plot/pngExport.ts';
import { initialState, type ViewState } from './state/progressState.ts';
import type { Range } from './state/range.ts';

export type ProgressChannel = Channel<ProgressHostMessage, ProgressWebviewMessage, ProgressState>;

export class ProgressApp implements PageListener {
  readonly #channel: ProgressChannel;
  readonly #root: HTMLElement;
  readonly #announcer = new Announcer();
  readonly #kinds = chartKinds();
  #state: ViewState;
  #charts: readonly Chart[] = [];
  /** Charts of a moment, by what they were drawn from. */
  #drawn: readonly unknown[] = [];
  #isFrameDue = false;
  #isViewDue = false;
  #isReadingDue = false;
  #isWidthDue = false;

  constructor(channel: ProgressChannel, root: HTMLElement) {
    this.#channel = channel;
    this.#root = root;
    this.#state = initialState(channel.savedState(), readTheme());
    channel.listen((message) => this.#receive(message));
    observeTheme(() => this.#change({ theme: readTheme() }));
    this.#change({});
    channel.post({ type: 'ready', view: this.#state.view });
  }

  readonly plot = {
    zoom: (range: Range | null): void => this.#look({ range }),
    point: (step: number | null): void => this.#point(step),
    resize: (): void => this.#resize(),
  };

  smooth(smoothing: number): void {
    this.#look({ smoothing });
  }

  showAll(): void {
    this.#look({ range: null });
  }

  display(change: Partial<ProgressDisplay>): void {
    this.#change({ display: { ...this.#state.display, ...change } });
    this.#save();
  }

  emphasize(runId: string | undefined): void {
    this.#change({ emphasizedRunId: runId });
  }

  act(runId: string, action: RunAction): void {
    this.#channel.post({ type: 'action', runId, action });
  }

  remove(runId: string): void {
    this.#channel.post({ type: 'removeRun', runId });
  }

  chooseRuns(): void {
    this.#channel.post({ type: 'chooseRuns' });
  }

  exportCsv(): void {
    this.#channel.post({ type: 'exportCsv' });
  }

  exportPng(): void {
    const charts = this.#root.querySelector('.charts');
    if (charts === null) return;
    void picture(charts, this.#state.runs ?? [], this.#state.theme).then((bytes) => {
      if (bytes === null) throw new Error('the browser could not encode the picture of the charts');
      this.#channel.post({ type: 'exportPng', bytes });
    });
  }

  #receive(message: ProgressHostMessage): void {
    switch (message.type) {
      case 'runs':
        this.#announcer.announce(message.runs);
        this.#change({ runs: message.runs, curves: this.#known(this.#state.curves, message.runs) });
        {
          this.#save();
          return;
        }
      case 'curves':
        this.#isReadingDue = this.#state.cursorStep !== null;
        {
          this.#change({ curves: this.#known(message.runs, this.#state.runs) });
          return;
        }
      case 'reading': {
        this.#change({ reading: message });
        return;
      }
      case 'comparison': {
        this.#change({ comparison: message.rows, scores: message.scores });
        return;
      }
    }
  }

  /** Curves in the order of the runs' cards, so that each run has one colour. */
  #known(curves: readonly RunCurves[], runs: ViewState['runs']): readonly RunCurves[] {
    const known = (runs ?? []).map((run) => curves.find(({ runId }) => runId === run.runId));
    return known.filter((run) => run !== undefined);
  }

  #look(change: Partial<ProgressView>): void {
    this.#isViewDue = true;
    this.#change({ view: { ...this.#state.view, ...change } });
  }

  #point(step: number | null): void {
    if (step === this.#state.cursorStep) return;
    this.#isReadingDue = step !== null;
    this.#change({ cursorStep: step });
  }

  #resize(): void {
    this.#isWidthDue = true;
    this.#schedule();
  }

  /** All charts are decimated for the widest. */
  #measure(): void {
    this.#isWidthDue = false;
    const plots = [...this.#root.querySelectorAll('neuroada-plot')].filter((plot) => plot instanceof PlotElement);
    const points = Math.max(0, ...plots.map(({ drawnWidth }) => drawnWidth));
    if (points > 0 && points !== this.#state.view.points) this.#look({ points });
  }

  #change(change: Partial<ViewState>): void {
    this.#state = { ...this.#state, ...change };
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    requestAnimationFrame(() => {
      this.#isFrameDue = false;
      this.#frame();
    });
  }

  #frame(): void {
    if (this.#isWidthDue) this.#measure();
    if (this.#isViewDue) {
      this.#isViewDue = false;
      this.#channel.post({ type: 'view', view: this.#state.view });
      this.#save();
    }
    if (this.#isReadingDue && this.#state.cursorStep !== null) {
      this.#isReadingDue = false;
      this.#channel.post({ type: 'read', step: this.#state.cursorStep });
    }
    this.#redrawCharts();
    render(page(this.#state, this.#charts, this), this.#root);
  }

  /** Lines are made anew only when something of theirs changed: a chart with the same lines is not drawn again. */
  #redrawCharts(): void {
    const { curves, emphasizedRunId, theme } = this.#state;
    const inputs = [curves, emphasizedRunId, theme];
    if (inputs.every((input, index) => input === this.#drawn[index])) return;
    this.#drawn = inputs;
    this.#charts = this.#kinds.map((kind) => ({ kind, lines: plotLines(kind, { curves, emphasizedRunId }, theme) }));
  }

  #save(): void {
    const { runs = [], view, display } = this.#state;
    if (runs.length > 0) this.#channel.save({ runIds: runs.map(({ runId }) => runId), view, display });
  }
}
