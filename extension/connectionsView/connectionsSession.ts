/** What one Connections view is told: its subject, whenever that changes, and the engine's answers to its questions. */
import type { ConnectionSource, SourceDescription } from '../../engine/protocol/connections/connectionSource.ts';
import type {
  ConnectionsHostMessage,
  ConnectionsSubject,
  InspectionRequestMessage,
  ViewProblem,
} from '../../engine/protocol/connectionsView.ts';
import { INSPECTION_METHODS } from '../../engine/protocol/connections/inspection.ts';
import { CancelledError, EngineExpectedError } from '../engine/engineError.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import type { Subscription } from '../runs/listeners.ts';
import type { Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import { restoredSources, type ShownSources } from './restoredSources.ts';

/** What a view was opened for: a file that is still to be looked at, or sources. */
export type ConnectionsTarget =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'sources'; readonly sources: ShownSources };

export interface ConnectionsPorts {
  readonly engine: Pick<JobsEngine, 'run'>;
  readonly store: Pick<RunStore, 'get' | 'onDidChange'>;
  post(message: ConnectionsHostMessage): void;
  problemOf(error: unknown): ViewProblem;
  /** Told what is shown now, for title and watched files. */
  onSubject(subject: ConnectionsSubject): void;
}

export class ConnectionsSession {
  readonly #ports: ConnectionsPorts;
  readonly #subscription: Subscription;
  readonly #underWay = new Map<number, AbortController>();
  #target: ConnectionsTarget;
  #subject: ConnectionsSubject | undefined;
  /** What of the shown runs matters here, when the subject was made. */
  #runState = '';
  #isListening = false;
  #showing: AbortController | undefined;

  constructor(target: ConnectionsTarget, ports: ConnectionsPorts) {
    this.#target = target;
    this.#ports = ports;
    this.#subscription = ports.store.onDidChange(({ folders }) => {
      const isConcerned = this.#runFolders().some((folder) => folders.has(folder));
      if (isConcerned && this.#isListening && this.#runState !== this.#currentRunState()) void this.refresh();
    });
  }

  /** Undefined for a table of tensors, and before the file was looked at. */
  get sources(): ShownSources | undefined {
    return this.#target.kind === 'sources' ? this.#target.sources : undefined;
  }

  /** The webview's script runs and knows nothing yet; `state` is what it kept. */
  async start(state: unknown): Promise<void> {
    this.#isListening = true;
    const sources = restoredSources(state);
    if (sources !== undefined) this.#target = { kind: 'sources', sources };
    await this.#show();
  }

  async show(sources: ShownSources): Promise<void> {
    this.#target = { kind: 'sources', sources };
    await this.#show();
  }

  /** Files have changed: tells the subject anew. Who looks at the newest moment of a run goes on to the newest. */
  async refresh(): Promise<void> {
    const sources = this.sources;
    if (sources !== undefined) this.#target = { kind: 'sources', sources: mapSources(sources, this.#onward) };
    await this.#show();
  }

  /** The webview shows other sources of its own accord. */
  note(sources: ShownSources): void {
    this.#target = { kind: 'sources', sources };
  }

  async answer(request: InspectionRequestMessage): Promise<void> {
    const { id, method, params } = request;
    if (!INSPECTION_METHODS.includes(method)) throw new Error(`no such question: ${method}`);
    const controller = new AbortController();
    this.#underWay.set(id, controller);
    try {
      const result = await this.#ports.engine.run(method, params, controller.signal, (progress) => {
        this.#ports.post({ type: 'progress', id, progress });
      });
      if (!controller.signal.aborted) this.#ports.post({ type: 'answer', id, result });
    } catch (error) {
      if (error instanceof CancelledError || controller.signal.aborted) return;
      this.#ports.post({ type: 'requestFailed', id, problem: this.#ports.problemOf(error) });
    } finally {
      this.#underWay.delete(id);
    }
  }

  cancel(id: number): void {
    this.#underWay.get(id)?.abort();
  }

  /** The webview's page is gone until the next `start`. */
  pause(): void {
    this.#isListening = false;
    this.#showing?.abort();
    for (const controller of this.#underWay.values()) controller.abort();
  }

  dispose(): void {
    this.pause();
    this.#subscription.dispose();
  }

  async #show(): Promise<void> {
    this.#showing?.abort();
    const showing = new AbortController();
    this.#showing = showing;
    const { signal } = showing;
    this.#runState = this.#currentRunState();
    try {
      const subject = await this.#describe(signal);
      if (signal.aborted) return;
      this.#subject = subject;
      this.#ports.onSubject(subject);
      this.#ports.post({ type: 'subject', subject });
    } catch (error) {
      if (error instanceof CancelledError || signal.aborted) return;
      this.#ports.post({ type: 'problem', problem: this.#ports.problemOf(error) });
    }
  }

  async #describe(signal: AbortSignal): Promise<ConnectionsSubject> {
    const { engine } = this.#ports;
    if (this.#target.kind === 'file') {
      const found = await engine.run('inspection/identify', { path: this.#target.path }, signal);
      if (found.kind === 'tensors') {
        return { kind: 'tensors', table: await engine.run('inspection/tensors', { file: found.file }, signal) };
      }
      this.#target = { kind: 'sources', sources: [found.source] };
    }
    const [first, second] = this.#target.sources;
    const described = await this.#describeSource(first, signal);
    if (second === undefined) return { kind: 'connections', sources: [described] };
    return { kind: 'connections', sources: [described, await this.#describeSource(second, signal)] };
  }

  /** Old checkpoints of a run are removed while it trains: then the newest moment is what is left to look at. */
  async #describeSource(source: ConnectionSource, signal: AbortSignal): Promise<SourceDescription> {
    const { engine } = this.#ports;
    try {
      return await engine.run('inspection/describe', { source }, signal);
    } catch (error) {
      if (!isGone(error) || source.kind !== 'run' || typeof source.at !== 'number') throw error;
      return engine.run('inspection/describe', { source: { ...source, at: 'newest' } }, signal);
    }
  }

  /** The source as it is looked at from now on. */
  readonly #onward = (source: ConnectionSource): ConnectionSource => {
    if (source.kind !== 'run' || this.#subject?.kind !== 'connections') return source;
    const { folder, at } = source;
    const known = this.#subject.sources.find((other) => other?.source.kind === 'run' && other.source.folder === folder);
    const newest = known?.moments.findLast((moment) => typeof moment.at === 'number') ?? known?.moments.at(-1);
    return newest?.at === at ? { ...source, at: 'newest' } : source;
  };

  #runFolders(): readonly string[] {
    const sources = this.sources ?? [];
    return sources.flatMap((source) => (source?.kind === 'run' ? [source.folder] : []));
  }

  #currentRunState(): string {
    const runs = this.#runFolders().map((folder) => this.#ports.store.get(folder));
    return JSON.stringify(runs.map((run) => run && relevantState(run)));
  }
}

/** What of a run changes its connections. */
function relevantState({ summary, identity }: Run): unknown {
  return [identity.name, summary.selection !== undefined, summary.checkpoints.at(-1)?.step, summary.adapter];
}

function isGone(error: unknown): boolean {
  return error instanceof EngineExpectedError && error.code === 'files/ENOENT';
}

function mapSources([first, second]: ShownSources, map: (source: ConnectionSource) => ConnectionSource): ShownSources {
  return second === undefined ? [map(first)] : [map(first), map(second)];
}
