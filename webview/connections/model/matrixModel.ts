/** What the picture of a matrix shows: which matrix, which layer in which colours, arranged how, and beside it what. */
import type { MatrixLayer } from '../../../engine/protocol/connectionsView.ts';
import type { ModuleDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import type { InspectionRequests, Margins, Measure } from '../../../engine/protocol/connections/inspection.ts';
import { moduleOf, type ShownSource, type View } from '../view/view.ts';
import type { Answer } from '../inquiry/answers.ts';
import { figuresOf, knownMoments } from './figures.ts';
import type { Scale } from '../scale/scale.ts';
import { arrangementOf, type Arrangement } from './arrangement.ts';

export interface MatrixModel {
  readonly view: View;
  readonly module: ModuleDescription;
  /** The layer, or what is shown instead where the source lacks it. */
  readonly layer: MatrixLayer;
  /** Limit of counts is not known before tiles are: then it is 0. */
  readonly scale: Scale;
  readonly margins: Margins | undefined;
  readonly marginsAnswer: Answer<Margins>;
  readonly arrangement: Arrangement;
  /** Whether weights that are not selected can be read. */
  readonly hasWeights: boolean;
}

export function matrixModel(view: View): MatrixModel | undefined {
  const { state, shown, right, answers } = view;
  const module = moduleOf(shown, state.module);
  if (module === undefined) return undefined;
  const layer = shownLayer(state.layer, shown, right);
  const params: InspectionRequests['inspection/margins']['params'] = {
    source: shown.source,
    module: module.module,
    rowOrder: state.rowOrder,
    columnOrder: state.columnOrder,
  };
  const marginsAnswer = answers.of('inspection/margins', params, shown.revision);
  const margins = marginsAnswer.status === 'known' ? marginsAnswer.value : undefined;
  return {
    view,
    module,
    layer,
    scale: { kind: state.scale, limit: layerLimit(view, module, layer), isSigned: layer !== 'selection' },
    margins,
    marginsAnswer,
    arrangement: arrangementOf(margins),
    hasWeights: shown.description.baseProblem === undefined && module.shapeFrom === 'base',
  };
}

function shownLayer(layer: MatrixLayer, { description }: ShownSource, right: ShownSource | undefined): MatrixLayer {
  if (layer === 'delta' && !description.hasDeltas) return 'selection';
  return layer === 'difference' && right === undefined ? 'selection' : layer;
}

/** The same for every moment and for both sources, so that colours can be compared. */
function layerLimit(view: View, module: ModuleDescription, layer: MatrixLayer): number {
  switch (layer) {
    case 'selection':
      return 0;
    case 'weight':
      return largestOf(view, module, 'maxWeight');
    case 'delta':
      return largestOf(view, module, 'maxDelta');
    case 'difference':
      return largestDifference(view, module) ?? 2 * largestOf(view, module, 'maxDelta');
  }
}

function largestOf(view: View, { module }: ModuleDescription, measure: Measure): number {
  const { left, right, answers } = view;
  const now = [left, right].map((shown) => shown && figuresOf(answers, shown, module).value(module, measure));
  const earlier = [left, ...(right === undefined ? [] : [right])].flatMap((shown) =>
    knownMoments(view, shown).map((moment) => moment.value(module, measure)),
  );
  const limit = [...now, ...earlier].reduce<number>((most, value) => (value! > most ? value! : most), 0);
  return limit > 0 ? limit : 1;
}

function largestDifference({ left, right, answers }: View, { module }: ModuleDescription): number | undefined {
  if (right === undefined) return undefined;
  const params = { left: left.source, right: right.source, modules: [module], limit: 1 };
  const answer = answers.of('inspection/comparison', params, left.revision + right.revision);
  if (answer.status !== 'known') return undefined;
  const { leftDeltas, rightDeltas } = answer.value.moved;
  const difference = Math.abs((rightDeltas[0] ?? 0) - (leftDeltas[0] ?? 0));
  return difference > 0 ? difference : 1;
}
