/** The pointed token: its probability, and what the model found most probable in its place. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../host/translations.ts';
import type { PageState } from './playgroundModel.ts';
import { percentText } from './probability.ts';

export function tokenDetail({ pointed, tokens, model }: PageState): TemplateResult {
  const token = pointed === undefined ? undefined : tokens[pointed.side][pointed.index];
  const hasTokens = tokens.base.length + tokens.tuned.length > 0;
  const hint = t('Point at a token, or move through an answer with the arrow keys, to see its probability.');
  return html`
    <section id="token-detail" class="token-detail" aria-live="polite">
      ${
        token === undefined || model === undefined
          ? html`<p class="muted">${hasTokens ? hint : nothing}</p>`
          : html`
              <h2>${t('{0} with probability {1}', visible(token.token), percentText(token.logProbability))}</h2>
              <table class="table">
                <caption class="visually-hidden">
                  ${t('Most probable tokens here')}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">${t('Token')}</th>
                    <th scope="col" class="figure-number">${t('Probability')}</th>
                    <th scope="col" class="figure-number">${t('Log-probability')}</th>
                  </tr>
                </thead>
                <tbody>
                  ${token.alternatives.map(
                    (other) => html`
                      <tr class=${other.token === token.token ? 'chosen' : ''}>
                        <td><code>${visible(other.token)}</code></td>
                        <td class="figure-number">${percentText(other.logProbability)}</td>
                        <td class="figure-number">${other.logProbability.toFixed(3)}</td>
                      </tr>
                    `,
                  )}
                </tbody>
              </table>
            `
      }
    </section>
  `;
}

/** White space as signs that can be seen. */
function visible(token: string): string {
  return token.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥');
}
