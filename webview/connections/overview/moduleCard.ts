/** One module in figures: its shape, every measure, and how the chosen measure grew over the checkpoints seen so far. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { ModuleDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import { MEASURES, type Measure } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { countText } from '../../text/figures.ts';
import type { View } from '../view/view.ts';
import { measureExplanation, measureName, measureText } from '../text/measures.ts';
import { moduleTitle } from '../text/values.ts';
import type { MomentFigures } from '../model/figures.ts';
import type { OverviewModel } from './overviewModel.ts';

export function moduleCard({ state, actions }: View, model: OverviewModel, module: ModuleDescription): TemplateResult {
  const { rows, columns, dtype, participatingNeurons, k } = module;
  return html`<aside class="card" aria-label=${t('Module')}>
    <header>
      <h2>${moduleTitle(module)}</h2>
      <p class="muted module-name">${module.module}</p>
    </header>
    <dl class="facts">
      <dt>${t('Shape')}</dt>
      <dd>${countText(rows)} × ${countText(columns)} <span class="muted">${dtype}</span></dd>
      <dt>${t('Connections per neuron')}</dt>
      <dd>${countText(k)}</dd>
      ${
        participatingNeurons === rows
          ? nothing
          : html`<dt>${t('Neurons taking part')}</dt>
              <dd>${countText(participatingNeurons)}</dd>`
      }
    </dl>
    <dl class=${model.sides.length === 1 ? 'facts measures' : 'facts measures measures-two'}>
      ${MEASURES.map(
        (measure) =>
          html`<dt class=${measure === state.measure ? 'chosen' : ''} title=${measureExplanation(measure)}>
              ${measureName(measure)}
            </dt>
            ${model.sides.map(({ figures }) => {
              const value = figures.latest(module.module, measure);
              return html`<dd class=${measure === state.measure ? 'chosen' : ''}>
                ${value === undefined ? '…' : measureText(measure, value)}
              </dd>`;
            })}`,
      )}
    </dl>
    ${growth(model.moments, module.module, state.measure)}
    <neuroada-button appearance="primary" @click=${() => actions.open({ module: module.module })}
      >${t('Open Matrix')}</neuroada-button
    >
  </aside>`;
}

const WIDTH = 280;
const HEIGHT = 56;
const INSET = 4;

function growth(moments: readonly MomentFigures[], module: string, measure: Measure): TemplateResult | typeof nothing {
  const points = moments
    .map((moment) => ({ step: moment.step, value: moment.value(module, measure) ?? NaN }))
    .filter(({ value }) => Number.isFinite(value));
  if (points.length < 2) return nothing;
  const [first, last] = [points[0]!, points.at(-1)!];
  const most = points.reduce((largest, { value }) => Math.max(largest, value), 0) || 1;
  const places = points.map(({ step, value }) => ({
    x: INSET + ((WIDTH - 2 * INSET) * (step - first.step)) / Math.max(1, last.step - first.step),
    y: HEIGHT - INSET - ((HEIGHT - 2 * INSET) * value) / most,
  }));
  const label = t(
    '{0} from {1} at step {2} to {3} at step {4}',
    ...[measureName(measure), measureText(measure, first.value), first.step],
    ...[measureText(measure, last.value), last.step],
  );
  return html`<figure class="growth">
    <figcaption>${t('{0} over the checkpoints seen', measureName(measure))}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${label}>
      <polyline points=${places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
      ${places.map(({ x, y }) => svg`<circle cx=${x.toFixed(1)} cy=${y.toFixed(1)} r="2.5" />`)}
    </svg>
    <div class="growth-ends muted figure-number">
      <span>${t('Step {0}', first.step)}</span><span>${t('Step {0}', last.step)}</span>
    </div>
  </figure>`;
}
