/** Tests what the view begins with, what it takes from an earlier page, and which moment it shows when files change. */
import { expect, test } from 'vitest';
import type { SourceDescription } from '../../engine/protocol/connections/connectionSource.ts';
import type { ConnectionsState } from '../../engine/protocol/connectionsView.ts';
import { distinctMoments, isNewest, momentIndex } from '../../webview/connections/state/moments.ts';
import { chosenSources } from '../../webview/connections/state/shownSources.ts';
import { firstLook, fittedState, restoredState } from '../../webview/connections/state/viewState.ts';

const run = (at: number | 'selection' | 'adapter', folder = '/run') => ({ kind: 'run', folder, at }) as const;

function description(
  at: number | 'selection' | 'adapter',
  steps: readonly number[],
  folder = '/run',
): SourceDescription {
  const modules = ['a', 'b'].map((module, layer) => ({ module, layer })) as unknown as SourceDescription['modules'];
  const moments = [{ at: 'selection', step: 0 } as const, ...steps.map((step) => ({ at: step, step }))];
  return { source: run(at, folder), modules, moments, hasDeltas: at !== 'selection' } as unknown as SourceDescription;
}

test('a saved state is taken over field by field, and nothing of it that is not what it should be', () => {
  const begun = restoredState(undefined);
  const saved: ConnectionsState = {
    ...begun,
    page: 'matrix',
    measure: 'signFlips',
    zoom: 4,
    centre: { row: 1, column: 2 },
  };
  expect(restoredState(saved)).toEqual(saved);
  const broken = {
    ...saved,
    measure: 'gone',
    zoom: NaN,
    centre: { row: -1, column: 0 },
    layer: 3,
    module: 7,
    isTable: 'yes',
  };
  expect(restoredState(broken as unknown as ConnectionsState)).toEqual({
    ...begun,
    page: 'matrix',
  });
  expect(restoredState({ ...saved, version: 2 } as unknown as ConnectionsState)).toEqual(begun);
});

test('nothing of the state names what is not there', () => {
  const state = {
    ...restoredState(undefined),
    page: 'comparison',
    layer: 'difference',
    module: 'gone',
    zoom: 9,
  } as const;
  const fitted = fittedState(state, description(5, [5]), undefined);
  expect(fitted).toMatchObject({ page: 'overview', layer: 'delta', module: 'a', zoom: 0, centre: null });
  expect(fittedState({ ...state, module: 'b' }, description(5, [5]), description(5, [5]))).toMatchObject({
    page: 'comparison',
    layer: 'difference',
    module: 'b',
    zoom: 9,
  });
  expect(firstLook(description('selection', [])).layer).toBe('selection');
});

test('a run that trains is followed to its newest checkpoint, unless an earlier one was chosen', () => {
  const state = restoredState(undefined);
  const newest = description(20, [10, 20]);
  expect(chosenSources({ ...state, sources: [run(10)] }, [newest])).toEqual([run(20)]);
  expect(chosenSources(state, [description(10, [10, 20])])).toEqual([run(20)]);
  const resting = { ...state, followsNewest: false };
  expect(chosenSources({ ...resting, sources: [run(10)] }, [newest])).toEqual([run(10)]);
  expect(chosenSources({ ...resting, sources: [run(15)] }, [newest])).toEqual([run(20)]);
  expect(chosenSources({ ...resting, sources: [run(10, '/other')] }, [newest])).toEqual([run(20)]);
  const right = description(10, [10, 20], '/right');
  expect(chosenSources({ ...resting, sources: [run(10), run(20, '/right')] }, [newest, right])).toEqual([
    run(10),
    run(20, '/right'),
  ]);
});

test('the finished adapter and the last checkpoint are one moment', () => {
  const { moments } = description(20, [10, 20]);
  const finished = { moments: [...moments, { at: 'adapter', step: 20 } as const] };
  expect(distinctMoments(finished, run(10)).map(({ at }) => at)).toEqual(['selection', 10, 20]);
  expect(distinctMoments(finished, run('adapter')).map(({ at }) => at)).toEqual(['selection', 10, 'adapter']);
  expect(isNewest(finished, run(20))).toBe(true);
  expect(isNewest(finished, run(10))).toBe(false);
  expect(momentIndex(moments, run(10))).toBe(1);
  const later = { moments: [...moments, { at: 'adapter', step: 25 } as const] };
  expect(distinctMoments(later, run(20)).map(({ at }) => at)).toEqual(['selection', 10, 20, 'adapter']);
});
