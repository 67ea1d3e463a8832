/** Names, explanations and figures of the overview's measures. */
import type { Measure } from '../../../engine/protocol/connections/inspection.ts';
import { t } from '../../host/translations.ts';
import { countText, percentText } from '../../text/figures.ts';
import { valueText } from './values.ts';

interface MeasureText {
  readonly name: string;
  readonly explanation: string;
}

const TEXTS: Readonly<Record<Measure, MeasureText>> = {
  selected: { name: t('Selected connections'), explanation: t('How many connections of the module are trained') },
  meanWeight: { name: t('Mean |W|'), explanation: t('Mean magnitude of the selected weights') },
  maxWeight: { name: t('Largest |W|'), explanation: t('Largest magnitude of the selected weights') },
  meanDelta: { name: t('Mean |Δ|'), explanation: t('Mean magnitude of what training added to the selected weights') },
  maxDelta: { name: t('Largest |Δ|'), explanation: t('Largest magnitude of what training added to a selected weight') },
  relativeChange: {
    name: t('Relative change'),
    explanation: t('Sum of |Δ| over the sum of |W| of the selected weights'),
  },
  signFlips: { name: t('Sign flips'), explanation: t('Connections whose weight changed its sign') },
  inputShare: { name: t('Inputs used'), explanation: t('Share of the inputs that at least one neuron selected') },
  inputConcentration: {
    name: t('Input concentration'),
    explanation: t(
      'Gini coefficient of the hits per input: 0 where all are hit alike, near 1 where a few hubs have all',
    ),
  },
};

const NEEDS_DELTAS: ReadonlySet<Measure> = new Set(['meanDelta', 'maxDelta', 'relativeChange', 'signFlips']);

export function measureName(measure: Measure): string {
  return TEXTS[measure].name;
}

export function measureExplanation(measure: Measure): string {
  return TEXTS[measure].explanation;
}

export function needsDeltas(measure: Measure): boolean {
  return NEEDS_DELTAS.has(measure);
}

/** A figure of the measure as people read it. */
export function measureText(measure: Measure, value: number): string {
  switch (measure) {
    case 'selected':
    case 'signFlips':
      return countText(value);
    case 'inputShare':
    case 'relativeChange':
      return Number.isFinite(value) ? percentText(value) : valueText(value);
    case 'inputConcentration':
      return valueText(value);
    case 'meanWeight':
    case 'maxWeight':
    case 'meanDelta':
    case 'maxDelta':
      return valueText(value);
  }
}

/** The same within a few letters, for a cell of a grid. */
export function shortMeasureText(measure: Measure, value: number): string {
  const isCount = measure === 'selected' || measure === 'signFlips';
  return isCount && value >= 10_000 ? shortCount(value) : measureText(measure, value);
}

function shortCount(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toPrecision(3)}M` : `${(count / 1e3).toPrecision(3)}k`;
}
