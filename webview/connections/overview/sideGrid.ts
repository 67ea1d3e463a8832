/** The grid of one source by the chosen measure. */
import { t } from '../../host/translations.ts';
import type { View } from '../view/view.ts';
import { measureName, shortMeasureText } from '../text/measures.ts';
import { sourceMomentText } from '../text/values.ts';
import type { ModuleGrid } from '../grid/moduleGrid.ts';
import type { OverviewModel, OverviewSide } from './overviewModel.ts';

export function sideGrid(
  { state, look, actions }: View,
  { scale }: OverviewModel,
  { shown, figures }: OverviewSide,
): ModuleGrid & { readonly title: string } {
  const { description } = shown;
  const { measure } = state;
  return {
    title: [description.name, sourceMomentText(shown.source)].filter((part) => part !== undefined).join(' · '),
    label: t('{0} by layer and module', measureName(measure)),
    layers: description.layers,
    kinds: description.kinds,
    scale,
    palette: look.sequential,
    active: state.module,
    cell: (layer, kind) => {
      const module = description.modules.find((each) => each.layer === layer && each.kind === kind)?.module;
      if (module === undefined) return undefined;
      const value = figures.latest(module, measure);
      return { module, value, text: value === undefined ? '' : shortMeasureText(measure, value) };
    },
    activate: (module) => {
      if (module !== state.module) actions.update({ module, centre: null, zoom: 0, selected: null });
    },
    open: (module) => actions.open({ module }),
  };
}
