/** Statistics of one tensor, made when asked for: they read all of it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { TensorRow, TensorStatistics, TensorTable } from '../../../engine/protocol/connections/tensorTable.ts';
import { t } from '../../host/translations.ts';
import { bytesText, countText } from '../../text/figures.ts';
import { problemBanner, waiting, type ProblemActions } from '../controls/problem.ts';
import type { Answers } from '../inquiry/answers.ts';
import { histogramBars } from '../controls/histogram.ts';
import { exactText, valueText } from '../text/values.ts';

const BINS = 64;

export function statisticsCard(
  { file, revision }: TensorTable,
  { name, dtype, shape }: TensorRow,
  answers: Answers,
  actions: ProblemActions,
): TemplateResult {
  const answer = answers.of('inspection/tensorStatistics', { file, tensor: name, bins: BINS }, revision);
  const progress = answer.status === 'waiting' ? answer.progress : undefined;
  return html`<aside class="card statistics" aria-label=${t('Statistics')}>
    <header>
      <h2 class="module-name">${name}</h2>
      <p class="muted">${dtype} · ${shape.join(' × ')}</p>
    </header>
    ${
      answer.status === 'known'
        ? figures(answer.value)
        : answer.status === 'failed'
          ? problemBanner(answer.problem, actions)
          : waiting(
              progress === undefined
                ? t('Reading the tensor…')
                : t('Reading the tensor… {0} of {1}', bytesText(progress.done), bytesText(progress.total)),
            )
    }
  </aside>`;
}

function figures(statistics: TensorStatistics): TemplateResult {
  const { elements, zeros, notANumber, infinite, minimum, maximum, mean, meanMagnitude, standardDeviation } =
    statistics;
  const label = t(
    'Distribution of {0} elements from {1} to {2}',
    countText(elements),
    valueText(minimum ?? NaN),
    valueText(maximum ?? NaN),
  );
  const facts: readonly (readonly [string, string])[] = [
    [t('Elements'), countText(elements)],
    [t('Smallest'), exactText(minimum ?? NaN)],
    [t('Largest'), exactText(maximum ?? NaN)],
    [t('Mean'), exactText(mean ?? NaN)],
    [t('Mean magnitude'), exactText(meanMagnitude ?? NaN)],
    [t('Standard deviation'), exactText(standardDeviation ?? NaN)],
    [t('Zeros'), countText(zeros)],
    ...(notANumber > 0 ? [[t('Not a number'), countText(notANumber)] as const] : []),
    ...(infinite > 0 ? [[t('Infinite'), countText(infinite)] as const] : []),
  ];
  return html`${
      minimum !== null
        ? html`<figure class="histogram">
            ${histogramBars({ edges: statistics.edges, counts: statistics.counts }, label)}
          </figure>`
        : nothing
    }
    <dl class="facts measures">
      ${facts.map(
        ([term, value]) =>
          html`<dt>${term}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`;
}
