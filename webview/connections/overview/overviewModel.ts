/** What the overview shows: the measures of one or two sources, and one scale for all of them. */
import type { Measure } from '../../../engine/protocol/connections/inspection.ts';
import type { ShownSource, View } from '../view/view.ts';
import type { Scale } from '../scale/scale.ts';
import { figuresOf, knownMoments, readAhead, type Figures, type MomentFigures } from '../model/figures.ts';

export interface OverviewSide {
  readonly shown: ShownSource;
  readonly figures: Figures;
}

export interface OverviewModel {
  readonly sides: readonly OverviewSide[];
  /** Of the first source. */
  readonly moments: readonly MomentFigures[];
  readonly scale: Scale;
}

export function overviewModel(view: View): OverviewModel {
  const { state, answers, left, right } = view;
  const sources = [left, ...(right === undefined ? [] : [right])];
  const sides = sources.map((shown) => ({ shown, figures: figuresOf(answers, shown) }));
  for (const shown of sources) readAhead(view, shown);
  const [moments = [], otherMoments = []] = sources.map((shown) => knownMoments(view, shown));
  const limit = largest(state.measure, sides, [...moments, ...otherMoments]);
  return { sides, moments, scale: { kind: state.overviewScale, limit, isSigned: false } };
}

/** Over everything that is known, so that colours stay comparable between moments and between sources. */
function largest(measure: Measure, sides: readonly OverviewSide[], moments: readonly MomentFigures[]): number {
  const shown = sides.flatMap(({ shown: { description }, figures }) =>
    description.modules.map(({ module }) => figures.latest(module, measure) ?? 0),
  );
  const earlier = moments.flatMap((moment) => [...moment.values(measure)]);
  const limit = [...shown, ...earlier].reduce((most, value) => (value > most ? value : most), 0);
  return limit > 0 ? limit : 1;
}
