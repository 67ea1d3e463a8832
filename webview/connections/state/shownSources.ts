/** Which source and moment is shown when the host names a subject: the user's choice as long as it is there. */
import type { ConnectionSource, SourceDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import type { ConnectionsState } from '../../../engine/protocol/connectionsView.ts';
import { atMoment, isNewest } from './moments.ts';
import { isSameFiles } from './viewState.ts';
import { moduleOf, type ShownSource } from '../view/view.ts';

type Sources = readonly [ConnectionSource, ConnectionSource?];

export function chosenSources(
  { sources, followsNewest }: ConnectionsState,
  [left, right]: readonly [SourceDescription, SourceDescription?],
): Sources {
  const chosenLeft = followsNewest && left.source.kind === 'run' ? newest(left) : kept(sources?.[0], left);
  return right === undefined ? [chosenLeft] : [chosenLeft, kept(sources?.[1], right)];
}

function newest({ source, moments }: SourceDescription): ConnectionSource {
  const last = moments.findLast(({ at }) => typeof at === 'number') ?? moments.at(-1);
  return last === undefined || isNewest({ moments }, source) ? source : atMoment(source, last.at);
}

/** The earlier choice, if it is of the same files and its moment is there. */
function kept(chosen: ConnectionSource | undefined, { source, moments }: SourceDescription): ConnectionSource {
  if (chosen === undefined || !isSameFiles(chosen, source)) return source;
  if (chosen.kind !== 'run') return chosen;
  return moments.some(({ at }) => at === chosen.at) ? chosen : source;
}

/** Whose matrix is looked at: the second source's, if that is chosen and has the module. A difference stands in the first's order. */
export function shownSide(
  { side, layer, module }: ConnectionsState,
  left: ShownSource,
  right: ShownSource | undefined,
): ShownSource {
  const isRight = side === 'right' && layer !== 'difference' && right !== undefined;
  return isRight && moduleOf(right, module) !== undefined ? right : left;
}
