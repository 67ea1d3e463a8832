/** One matrix: its picture or its table, and beside it the inspector. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import type { View } from '../view/view.ts';
import { emptiness, problemBanner } from '../controls/problem.ts';
import { inspector } from '../inspector/inspector.ts';
import type { MatrixController } from './matrixController.ts';
import { matrixModel } from '../model/matrixModel.ts';
import { connectionsTable } from './connectionsTable.ts';
import { matrixToolbar } from './matrixToolbar.ts';

export function matrixPage(view: View, controller: MatrixController): TemplateResult {
  const model = matrixModel(view);
  if (model === undefined) return emptiness('circuit-board', t('No Matrix'), t('Choose a module in the overview.'));
  controller.show(model);
  const { state, actions } = view;
  const { marginsAnswer } = model;
  const problem = marginsAnswer.status === 'failed' ? marginsAnswer.problem : controller.problem;
  return html`<section class="matrix" aria-label=${t('Matrix')}>
    ${matrixToolbar(model, controller)} ${problem === undefined ? nothing : problemBanner(problem, actions)}
    <div class="matrix-body">
      <div class="matrix-main">
        ${
          state.isTable
            ? connectionsTable(model, controller.scene)
            : html`${controller.element} ${controller.readoutElement}`
        }
      </div>
      <aside class="inspector" aria-label=${t('Inspector')}>
        ${state.isTable ? nothing : controller.minimap.element} ${inspector(model)}
      </aside>
    </div>
  </section>`;
}
