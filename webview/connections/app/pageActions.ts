/** What can be done with what is shown: compare it, see it as a table, take it along as a file. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import { comparisonCanvas, comparisonTable } from '../comparison/comparisonExport.ts';
import { iconButton } from '../controls/choice.ts';
import type { MatrixController } from '../matrix/matrixController.ts';
import { connectionsQuestion, matrixCanvas } from '../matrix/matrixExport.ts';
import { overviewCanvas, overviewColumns } from '../overview/overviewExport.ts';
import type { View } from '../view/view.ts';

export interface ComparisonActions {
  chooseComparison(): void;
  endComparison(): void;
}

export function pageActions(view: View, matrix: MatrixController, comparison: ComparisonActions): TemplateResult {
  const { state, right, actions } = view;
  return html`<div class="head-actions" role="toolbar" aria-label=${t('Connections')}>
    <neuroada-button appearance="secondary" @click=${() => comparison.chooseComparison()}>
      <span slot="start" class="codicon codicon-diff"></span>${right === undefined ? t('Compare…') : t('Compare with…')}
    </neuroada-button>
    ${right === undefined ? nothing : iconButton('close', t('End the Comparison'), () => comparison.endComparison())}
    ${iconButton('list-flat', t('Show as a Table'), () => actions.update({ isTable: !state.isTable }), state.isTable)}
    ${iconButton('table', t('Export CSV…'), () => exportCsv(view, matrix))}
    ${state.isTable ? nothing : iconButton('device-camera', t('Export PNG…'), () => exportPng(view, matrix))}
  </div>`;
}

function exportCsv(view: View, matrix: MatrixController): void {
  const { page } = view.state;
  if (page === 'overview') view.actions.exportCsv(fileName(view), overviewColumns(view));
  else if (page === 'matrix') {
    const question = connectionsQuestion(view, matrix.scene);
    if (question !== undefined) view.actions.exportConnections(fileName(view), question);
  } else if (view.right !== undefined) view.actions.exportCsv(fileName(view), comparisonTable(view, view.right));
}

function exportPng(view: View, matrix: MatrixController): void {
  const { page } = view.state;
  const canvas =
    page === 'overview'
      ? overviewCanvas(view)
      : page === 'matrix'
        ? matrixCanvas(view, matrix)
        : view.right && comparisonCanvas(view, view.right);
  if (canvas !== undefined) view.actions.exportPng(fileName(view), canvas);
}

/** Such as `run-1-overview`; nothing in it that a file name cannot have. */
function fileName({ state, left }: View): string {
  const what = state.page === 'matrix' ? (state.module ?? 'matrix') : state.page;
  return `${left.description.name}-${what}`.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
}
