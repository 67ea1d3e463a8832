/** Holds the view's state: takes the host's messages and the user's wishes, and draws at most once a frame. */
import { render } from 'lit';
import type { ConnectionSource, SourceDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import type {
  ConnectionsHostMessage,
  ConnectionsState,
  ConnectionsSubject,
  ConnectionsWebviewMessage,
  ExportedTable,
  Side,
  ViewProblem,
} from '../../../engine/protocol/connectionsView.ts';
import type { InspectionRequests } from '../../../engine/protocol/connections/inspection.ts';
import type { Channel } from '../../host/channel.ts';
import { observeTheme } from '../../theme/theme.ts';
import { pngBytes } from '../export/png.ts';
import { Answers } from '../inquiry/answers.ts';
import { Inquiries } from '../inquiry/inquiries.ts';
import { connectionColumns } from '../matrix/matrixExport.ts';
import { MatrixController } from '../matrix/matrixController.ts';
import { standIn } from '../model/figures.ts';
import { isNewest, isSameRun, isSameSource, MOMENT_REVISION } from '../state/moments.ts';
import { chosenSources, shownSide } from '../state/shownSources.ts';
import { Trail } from '../state/trail.ts';
import { firstLook, fittedState, restoredState } from '../state/viewState.ts';
import { TensorTableView } from '../tensors/tensorTableView.ts';
import { readLook } from './look.ts';
import { page, problemPage, waitingPage } from './page.ts';
import { Player } from './player.ts';
import { listenToTrailKeys, type TrailActions } from './trailButtons.ts';
import type { Actions, Look, ShownSource, SourceAtMoment, Target, View } from '../view/view.ts';

export type ConnectionsChannel = Channel<ConnectionsHostMessage, ConnectionsWebviewMessage, ConnectionsState>;

type ConnectionsSources = Extract<ConnectionsSubject, { kind: 'connections' }>['sources'];

export class ConnectionsApp implements Actions, TrailActions {
  readonly #channel: ConnectionsChannel;
  readonly #root: HTMLElement;
  readonly #inquiries: Inquiries;
  readonly #answers: Answers;
  readonly #matrix: MatrixController;
  readonly #tensors: TensorTableView;
  readonly #players: Readonly<Record<Side, Player>> = {
    left: new Player('left', () => this.#schedule()),
    right: new Player('right', () => this.#schedule()),
  };
  #trail = new Trail();
  #state: ConnectionsState;
  #isRestored: boolean;
  #subject: ConnectionsSubject | undefined;
  #problem: ViewProblem | undefined;
  #look: Look = readLook();
  /** What was shown last on each side: it stays until what follows is described. */
  readonly #shown: [ShownSource | undefined, ShownSource | undefined] = [undefined, undefined];
  #isFrameDue = false;

  constructor(channel: ConnectionsChannel, root: HTMLElement) {
    this.#channel = channel;
    this.#root = root;
    this.#inquiries = new Inquiries((message) => channel.post(message));
    this.#answers = new Answers(this.#inquiries, () => this.#schedule());
    this.#matrix = new MatrixController(this.#inquiries, () => this.#schedule());
    this.#tensors = new TensorTableView(() => this.#schedule());
    const saved = channel.savedState();
    this.#isRestored = saved !== undefined;
    this.#state = restoredState(saved);
    channel.listen((message) => this.#receive(message));
    observeTheme(() => {
      this.#look = readLook();
      this.#schedule();
    });
    listenToTrailKeys(this);
    this.#schedule();
    channel.post({ type: 'ready', state: this.#isRestored ? this.#state : null });
  }

  update(change: Partial<ConnectionsState>): void {
    this.#state = { ...this.#state, ...change };
    this.#channel.save(this.#state);
    this.#schedule();
  }

  open({ module, layer, row, column }: Target): void {
    this.#trail.leave(this.#state);
    const isSameModule = module === this.#state.module;
    const selected = { ...(row === undefined ? {} : { row }), ...(column === undefined ? {} : { column }) };
    const hasPlace = row !== undefined || column !== undefined;
    if (hasPlace) this.#matrix.revealNext(selected);
    this.update({
      page: 'matrix',
      module,
      ...(layer === undefined ? {} : { layer }),
      ...(isSameModule ? {} : { centre: null, zoom: 0 }),
      ...(hasPlace ? { selected } : isSameModule ? {} : { selected: null }),
    });
  }

  get canGoBack(): boolean {
    return this.#trail.canGoBack;
  }

  get canGoForward(): boolean {
    return this.#trail.canGoForward;
  }

  goBack(): void {
    const place = this.#trail.back(this.#state);
    if (place !== undefined) this.update(place);
  }

  goForward(): void {
    const place = this.#trail.forward(this.#state);
    if (place !== undefined) this.update(place);
  }

  showSource(source: ConnectionSource, side: Side = 'left'): void {
    const [first, second] = this.#sources() ?? [];
    if (first === undefined) return;
    const [left, right] = this.#state.sources ?? [first.source, second?.source];
    const shownLeft = side === 'left' ? source : left;
    const shownRight = side === 'right' ? source : right;
    const sources = shownRight === undefined ? ([shownLeft] as const) : ([shownLeft, shownRight] as const);
    this.#channel.post({ type: 'sourcesShown', sources });
    this.update({ sources, ...(side === 'left' ? { followsNewest: isNewest(first, source) } : {}) });
  }

  exportConnections(name: string, question: InspectionRequests['inspection/connections']['params']): void {
    this.#inquiries.ask('inspection/connections', question, {
      answer: (list) => this.exportCsv(name, connectionColumns(list)),
      fail: (problem) => this.#fail(problem),
    });
  }

  exportCsv(name: string, table: ExportedTable): void {
    this.#channel.post({ type: 'exportCsv', name, table });
  }

  exportPng(name: string, canvas: HTMLCanvasElement): void {
    void pngBytes(canvas).then((bytes) => this.#channel.post({ type: 'exportPng', name, bytes }));
  }

  chooseComparison(): void {
    this.#channel.post({ type: 'chooseComparison' });
  }

  endComparison(): void {
    this.#channel.post({ type: 'endComparison' });
  }

  retry(): void {
    this.#problem = undefined;
    if (this.#subject === undefined) this.#channel.post({ type: 'ready', state: this.#state });
    this.#matrix.retry();
    this.#answers.retry();
  }

  #fail(problem: ViewProblem): void {
    this.#problem = problem;
    this.#schedule();
  }

  showLog(): void {
    this.#channel.post({ type: 'showLog' });
  }

  #receive(message: ConnectionsHostMessage): void {
    switch (message.type) {
      case 'subject':
        this.#problem = undefined;
        this.#subject = message.subject;
        if (message.subject.kind === 'connections') this.#take(message.subject.sources);
        this.#schedule();
        return;
      case 'problem':
        this.#fail(message.problem);
        return;
      case 'answer':
      case 'progress':
      case 'requestFailed':
        this.#inquiries.receive(message);
        return;
    }
  }

  #take(descriptions: ConnectionsSources): void {
    const [left, right] = descriptions;
    const isFirst = this.#state.sources === null && !this.#isRestored;
    const started = isFirst ? { ...firstLook(left), followsNewest: isNewest(left, left.source) } : {};
    const hadComparison = this.#shown[1] !== undefined;
    if (hadComparison !== (right !== undefined)) this.#trail = new Trail();
    if (right === undefined) this.#shown[1] = undefined;
    const state = { ...this.#state, ...started };
    const sources = chosenSources(state, descriptions);
    const arrival = right !== undefined && !hadComparison && !this.#isRestored ? { page: 'comparison' as const } : {};
    this.#isRestored = false;
    this.update(fittedState({ ...state, ...arrival, sources }, left, right));
    const isOther = sources.some((source, side) => !isSameSource(source!, descriptions[side]!.source));
    if (isOther) this.#channel.post({ type: 'sourcesShown', sources });
  }

  #sources(): ConnectionsSources | undefined {
    return this.#subject?.kind === 'connections' ? this.#subject.sources : undefined;
  }

  #schedule(): void {
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    requestAnimationFrame(() => {
      this.#isFrameDue = false;
      render(
        this.#answers.round(() => this.#page()),
        this.#root,
      );
      this.#matrix.afterRender();
    });
  }

  #page(): unknown {
    if (this.#problem !== undefined) return problemPage(this.#problem, this);
    if (this.#subject === undefined) return waitingPage();
    if (this.#subject.kind === 'tensors') return this.#tensors.page(this.#subject.table, this.#answers, this);
    const view = this.#view(this.#subject.sources);
    for (const player of Object.values(this.#players)) player.follow(view);
    return page(view, { matrix: this.#matrix, playback: this.#players, comparison: this, trail: this });
  }

  #view([left, right]: ConnectionsSources): View {
    const shownLeft = this.#showing(0, left);
    const shownRight = right === undefined ? undefined : this.#showing(1, right);
    const { state, answers, look } = { state: this.#state, answers: this.#answers, look: this.#look };
    const shown = shownSide(state, shownLeft, shownRight);
    return { state, left: shownLeft, right: shownRight, shown, answers, look, actions: this };
  }

  /** The chosen source with its own description; while that is on its way, what was shown before. */
  #showing(side: 0 | 1, subject: SourceDescription): ShownSource {
    const source = this.#state.sources?.[side] ?? subject.source;
    const described = this.#described(source, subject);
    if (described !== undefined) {
      const description = { ...described, name: subject.name, moments: subject.moments };
      const next = { source, description, revision: described.revision };
      this.#shown[side] = { ...next, before: this.#before(this.#shown[side], next) };
    }
    return this.#shown[side] ?? { source: subject.source, description: subject, revision: subject.revision };
  }

  /** What stands for the next moment of the same run while its figures are read. */
  #before(shown: ShownSource | undefined, next: SourceAtMoment): SourceAtMoment | undefined {
    if (shown === undefined || !isSameRun(shown.source, next.source)) return undefined;
    const isShown = isSameSource(shown.source, next.source) && shown.revision === next.revision;
    return isShown ? shown.before : standIn(this.#answers, shown);
  }

  #described(source: ConnectionSource, subject: SourceDescription): SourceDescription | undefined {
    const isSubject = isSameSource(source, subject.source);
    const revision = source.kind === 'run' ? MOMENT_REVISION : subject.revision;
    const answer = this.#answers.of('inspection/describe', { source }, revision);
    if (isSubject) return subject;
    if (answer.status === 'failed') this.#problem = answer.problem;
    return answer.status === 'known' ? answer.value : undefined;
  }
}
