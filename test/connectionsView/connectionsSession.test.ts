// What a Connections view is told, through a real engine process: subjects, answers, failures, and a run that trains on.
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type {
  ConnectionsHostMessage,
  ConnectionsState,
  ConnectionsSubject,
} from '../../engine/protocol/connectionsView.ts';
import { ConnectionsSession, type ConnectionsTarget } from '../../extension/connectionsView/connectionsSession.ts';
import { viewProblem } from '../../extension/connectionsView/viewProblem.ts';
import { RunStore } from '../../extension/runs/runStore.ts';
import { disposableFolder, writtenAdapter } from '../inspection/inspected.ts';
import { addCheckpoint, appendEvent, moduleDeltas, writeRun } from '../inspection/runOnDisk.ts';
import { startJobsEngine } from './jobsServer.ts';

const MODULE = 'model.layers.0.self_attn.q_proj';

interface View {
  readonly session: ConnectionsSession;
  readonly store: RunStore;
  readonly messages: ConnectionsHostMessage[];
  last<T extends ConnectionsHostMessage['type']>(type: T): Extract<ConnectionsHostMessage, { type: T }> | undefined;
}

function open(target: ConnectionsTarget): View {
  const messages: ConnectionsHostMessage[] = [];
  const store = new RunStore((_, error) => expect.unreachable(String(error)));
  const session = new ConnectionsSession(target, {
    engine: startJobsEngine(),
    store,
    post: (message) => messages.push(structuredClone(message)),
    problemOf: viewProblem,
    onSubject: () => undefined,
  });
  onTestFinished(() => {
    session.dispose();
    store.dispose();
  });
  return {
    ...{ session, store, messages },
    last: (type) => messages.findLast((message): message is never => message.type === type),
  };
}

function shownSources(subject: ConnectionsSubject | undefined): unknown[] {
  return subject?.kind === 'connections' ? subject.sources.map((description) => description?.source) : [];
}

test('a file that holds an adapter shows its connections, and answers come as typed arrays', async () => {
  const folder = await writtenAdapter('llama', { k: 2 });
  const view = open({ kind: 'file', path: join(folder, 'adapter_model.safetensors') });
  await view.session.start(null);
  expect(shownSources(view.last('subject')?.subject)).toEqual([{ kind: 'adapter', folder }]);
  const axis = { order: 'index', positionsPerCell: 8, firstCell: 0, cellCount: 4 } as const;
  const params = {
    source: { kind: 'adapter', folder },
    window: { module: MODULE, rows: axis, columns: axis },
  } as const;
  await view.session.answer({ type: 'request', id: 7, method: 'inspection/selection', params });
  const tile = view.last('answer')!.result as { counts: Uint32Array; deltas: Float32Array };
  expect(view.last('answer')!.id).toBe(7);
  expect(tile.counts).toBeInstanceOf(Uint32Array);
  expect(tile.counts.reduce((total, count) => total + count, 0)).toBe(64);
  expect(tile.deltas).toBeInstanceOf(Float32Array);
});

test('any other file shows its tensors', async () => {
  const path = new URL('../golden/architectures/llama/model.safetensors', import.meta.url).pathname;
  const view = open({ kind: 'file', path });
  await view.session.start(undefined);
  const subject = view.last('subject')?.subject;
  expect(subject?.kind === 'tensors' ? subject.table.total : 0).toBeGreaterThan(20);
});

test('what cannot be answered fails alone, in words; what is cancelled is silent', async () => {
  const folder = await writtenAdapter('llama', { k: 1 });
  const source = { kind: 'adapter', folder } as const;
  const view = open({ kind: 'sources', sources: [source] });
  await view.session.start(null);
  const ask = (id: number, module: string): Promise<void> =>
    view.session.answer({ type: 'request', id, method: 'inspection/overview', params: { source, modules: [module] } });
  await ask(1, 'lm_head');
  expect(view.last('requestFailed')).toMatchObject({ id: 1, problem: { isBug: false } });
  const asked = ask(2, MODULE);
  view.session.cancel(2);
  await asked;
  expect(view.messages.filter((message) => 'id' in message && message.id === 2)).toEqual([]);
});

test('a source that is not there is a problem', async () => {
  const view = open({ kind: 'sources', sources: [{ kind: 'adapter', folder: '/nowhere' }] });
  await view.session.start(null);
  expect(view.last('problem')?.problem.text).toContain('/nowhere');
});

test('a view of the newest moment goes on with a run that trains; a view of an older one stays', async () => {
  const folder = join(await disposableFolder(), 'run');
  const run = await writeRun(folder, 'llama', { steps: [10], k: 1, isFinished: false });
  const following = open({ kind: 'sources', sources: [{ kind: 'run', folder, at: 'newest' }] });
  const pinned = open({ kind: 'sources', sources: [{ kind: 'run', folder, at: 'selection' }] });
  for (const { session, store } of [following, pinned]) {
    await store.refresh(folder);
    await session.start(null);
    session.note(shownSources((session === following.session ? following : pinned).last('subject')?.subject) as never);
  }
  await addCheckpoint(run, 20);
  await appendEvent(folder, { type: 'checkpoint', step: 20, path: 'checkpoints/step-000020' });
  for (const { store } of [following, pinned]) await store.refresh(folder);
  const moments = (view: View): unknown => {
    const subject = view.last('subject')?.subject;
    return subject?.kind === 'connections' ? subject.sources[0].moments.map(({ at }) => at) : undefined;
  };
  await vi.waitFor(() => {
    expect(moments(following)).toEqual(['selection', 10, 20]);
    expect(moments(pinned)).toEqual(['selection', 10, 20]);
  }, 10_000);
  expect(shownSources(following.last('subject')?.subject)).toEqual([{ kind: 'run', folder, at: 20 }]);
  expect(shownSources(pinned.last('subject')?.subject)).toEqual([{ kind: 'run', folder, at: 'selection' }]);
  const params = { source: { kind: 'run', folder, at: 20 }, module: MODULE, row: 2, bins: 4 } as const;
  await following.session.answer({ type: 'request', id: 1, method: 'inspection/neuron', params });
  const { deltas } = following.last('answer')!.result as { deltas: Float32Array };
  expect(deltas).toEqual(moduleDeltas(run, MODULE, 20).slice(2, 3));
});

test('a reloaded window shows what it showed, at the newest moment where the old one is gone', async () => {
  const folder = join(await disposableFolder(), 'run');
  await writeRun(folder, 'llama', { steps: [10, 20], k: 1, isFinished: false });
  const view = open({ kind: 'file', path: join(folder, 'selection.safetensors') });
  const kept = (at: number): Partial<ConnectionsState> => ({
    version: 1,
    sources: [
      { kind: 'run', folder, at },
      { kind: 'run', folder, at: 'selection' },
    ],
  });
  await view.session.start(kept(10));
  expect(shownSources(view.last('subject')?.subject)).toEqual(kept(10).sources);
  await view.session.start(kept(5));
  expect(shownSources(view.last('subject')?.subject)[0]).toEqual({ kind: 'run', folder, at: 20 });
  await view.session.start({ version: 1, sources: [{ kind: 'run', folder: 3 }] });
  expect(shownSources(view.last('subject')?.subject)[0]).toEqual({ kind: 'run', folder, at: 20 });
});
