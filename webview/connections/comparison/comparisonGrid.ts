/** Two sources by layer and kind of module. */
import { t } from '../../host/translations.ts';
import type { View } from '../view/view.ts';
import type { ModuleGrid } from '../grid/moduleGrid.ts';
import { comparisonMeasureName, comparisonScale, comparisonText, type ComparisonMeasure } from './comparisonMeasure.ts';
import type { ComparisonModel } from './comparisonModel.ts';

export function comparisonGrid(view: View, model: ComparisonModel, measure: ComparisonMeasure): ModuleGrid {
  const { left, state, look, actions } = view;
  const { description } = left;
  const scale = comparisonScale(measure, model);
  return {
    label: t('{0} by layer and module', comparisonMeasureName(measure)),
    layers: description.layers,
    kinds: description.kinds,
    scale,
    palette: scale.isSigned ? look.diverging : look.sequential,
    active: state.module,
    cell: (layer, kind) => {
      const module = description.modules.find((each) => each.layer === layer && each.kind === kind)?.module;
      if (module === undefined || model.unshared.includes(module)) return undefined;
      const value = model.modules.get(module)?.[measure];
      return { module, value, text: value === undefined ? '' : comparisonText(measure, value) };
    },
    activate: (module) => {
      if (module !== state.module) actions.update({ module, centre: null, zoom: 0, selected: null });
    },
    open: (module) => actions.open({ module, layer: 'difference' }),
  };
}
