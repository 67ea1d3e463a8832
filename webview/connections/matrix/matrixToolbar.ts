/** What of which matrix is shown, in which order and colours, and ways to go to a place in it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ModuleDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import type { MatrixLayer, Side } from '../../../engine/protocol/connectionsView.ts';
import type { ColumnOrder, RowOrder } from '../../../engine/protocol/connections/inspection.ts';
import { countText } from '../../text/figures.ts';
import { t } from '../../host/translations.ts';
import { dropdown, iconButton, segments } from '../controls/choice.ts';
import { legend } from '../controls/legend.ts';
import { scaleChoice } from '../controls/scaleChoice.ts';
import { moduleTitle, sourceTitle, valueText } from '../text/values.ts';
import { moduleOf, type ShownSource, type View } from '../view/view.ts';
import type { MatrixController } from './matrixController.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import { placeForm } from './input/placeForm.ts';

export function matrixToolbar(model: MatrixModel, controller: MatrixController): TemplateResult {
  const { view, module, layer } = model;
  const { state, left, right, shown, look, actions } = view;
  const { hasDeltas } = shown.description;
  const modules = left.description.modules.map((each) => ({ value: each.module, label: moduleTitle(each) }));
  const layers = [
    { value: 'weight', label: t('W') },
    { value: 'selection', label: t('Selection') },
    { value: 'delta', label: t('Δ'), isDisabled: !hasDeltas },
    ...(right === undefined ? [] : [{ value: 'difference', label: t('Difference') } as const]),
  ] as const;
  const scale = controller.scale ?? model.scale;
  return html`<div class="toolbar">
      ${dropdown(t('Module'), modules, module.module, (chosen) => actions.open({ module: chosen }))}
      ${right === undefined || layer === 'difference' ? nothing : sourceChoice(view, right, module)}
      ${segments<MatrixLayer>(t('Layer'), layers, layer, (chosen) => actions.update({ layer: chosen }))}
      ${scaleChoice(state.scale, (chosen) => actions.update({ scale: chosen }))}
      ${
        scale.limit > 0 && scale.isSigned === (layer !== 'selection')
          ? legend({
              title: layerTitle(layer),
              scale,
              palette: scale.isSigned ? look.diverging : look.sequential,
              text: layer === 'selection' ? countText : valueText,
            })
          : nothing
      }
    </div>
    <div class="toolbar">
      ${dropdown<RowOrder>(
        t('Neurons by'),
        [
          { value: 'index', label: t('Index') },
          { value: 'deltaNorm', label: t('Norm of Δ'), isDisabled: !hasDeltas },
        ],
        state.rowOrder,
        (rowOrder) => actions.update({ rowOrder }),
      )}
      ${dropdown<ColumnOrder>(
        t('Inputs by'),
        [
          { value: 'index', label: t('Index') },
          { value: 'hits', label: t('Hits') },
          { value: 'deltaNorm', label: t('Norm of Δ'), isDisabled: !hasDeltas },
        ],
        state.columnOrder,
        (columnOrder) => actions.update({ columnOrder }),
      )}
      ${placeForm(model)}
      <span class="toolbar-group">
        ${iconButton('zoom-in', t('Zoom In'), () => controller.zoomBy(1.6))}
        ${iconButton('zoom-out', t('Zoom Out'), () => controller.zoomBy(1 / 1.6))}
        ${iconButton('screen-full', t('Show the Whole Matrix'), () => controller.showAll())}
      </span>
    </div>`;
}

/** Both sources in one place and in the same colours, one at a time. */
function sourceChoice(
  { left, shown, actions }: View,
  right: ShownSource,
  { module }: ModuleDescription,
): TemplateResult {
  const options = [
    { value: 'left', label: sourceTitle(left) },
    { value: 'right', label: sourceTitle(right), isDisabled: moduleOf(right, module) === undefined },
  ] as const;
  return segments<Side>(t('Source'), options, shown === right ? 'right' : 'left', (side) => actions.update({ side }));
}

export function layerTitle(layer: MatrixLayer): string {
  switch (layer) {
    case 'weight':
      return t('Weights');
    case 'selection':
      return t('Selected connections');
    case 'delta':
      return t('Deltas');
    case 'difference':
      return t('Differences of deltas');
  }
}
