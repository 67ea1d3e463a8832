/** Moments of a run: which one is shown, and where it is on the slider. */
import type {
  ConnectionSource,
  RunMoment,
  SourceDescription,
  SourceMoment,
} from '../../../engine/protocol/connections/connectionSource.ts';
import type { Revision } from '../inquiry/answers.ts';

/** What a run wrote at a moment never changes: written again after a resumption, it has the same bytes. */
export const MOMENT_REVISION: Revision = 'moment';

type Moments = Pick<SourceDescription, 'moments'>;

/** Moments that differ: the finished adapter holds what the last checkpoint does, unless it is the one that is shown. */
export function distinctMoments({ moments }: Moments, source: ConnectionSource): SourceMoment[] {
  const isShown = source.kind === 'run' && source.at === 'adapter';
  const last = moments.at(-1);
  return moments.filter((moment) => {
    if (last?.at !== 'adapter' || moment.step !== last.step || moment.at === 'selection') return true;
    return isShown ? moment === last : moment !== last || moments.at(-2)?.step !== last.step;
  });
}

/** Place of the shown moment among distinct ones; the last one where it is not among them. */
export function momentIndex(moments: readonly SourceMoment[], source: ConnectionSource): number {
  const index = source.kind === 'run' ? moments.findIndex(({ at }) => at === source.at) : -1;
  return index < 0 ? moments.length - 1 : index;
}

/** Whether no later step is known. */
export function isNewest(description: Moments, source: ConnectionSource): boolean {
  const moments = distinctMoments(description, source);
  return source.kind !== 'run' || momentIndex(moments, source) === moments.length - 1;
}

export function atMoment(source: ConnectionSource, at: RunMoment): ConnectionSource {
  return source.kind === 'run' ? { ...source, at } : source;
}

export function isSameRun(one: ConnectionSource, other: ConnectionSource): boolean {
  return one.kind === 'run' && other.kind === 'run' && one.folder === other.folder;
}

export function isSameSource(one: ConnectionSource, other: ConnectionSource): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
