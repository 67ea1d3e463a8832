/** What is shown, in a line: the source's name, how its connections were selected, how many they are. */
import { html, nothing, type TemplateResult } from 'lit';
import type { SourceDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import { t } from '../../host/translations.ts';
import { countText, percentText } from '../../text/figures.ts';
import { sourceTitle } from '../text/values.ts';
import { budgetChoice } from './budgetChoice.ts';
import type { View } from '../view/view.ts';

export function pageHead(view: View): TemplateResult {
  const { left, right } = view;
  const { description } = left;
  return html`<div class="head-text">
    <h1>${right === undefined ? description.name : t('{0} and {1}', sourceTitle(left), sourceTitle(right))}</h1>
    <p class="muted">${summary(description)}</p>
    ${budgetChoice(view)}
    ${
      description.baseProblem === undefined
        ? nothing
        : html`<p class="note">
            <span class="codicon codicon-info" aria-hidden="true"></span>
            <span>${t('Only selected weights are known: {0}.', description.baseProblem)}</span>
          </p>`
    }
  </div>`;
}

function summary({ modelType, strategy, k, selected, totalParameters, modules }: SourceDescription): string {
  const share = totalParameters === undefined ? undefined : percentText(selected / totalParameters);
  return [
    modelType,
    k === 1
      ? t('1 connection per neuron by {0}', strategy)
      : t('{0} connections per neuron by {1}', countText(k), strategy),
    share === undefined
      ? t('{0} selected', countText(selected))
      : t('{0} selected, {1} of all parameters', countText(selected), share),
    t('{0} modules', countText(modules.length)),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
