/** The figures by which two sources are compared, and their colours. */
import type { ConnectionsState } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';
import { percentText } from '../../text/figures.ts';
import type { Scale } from '../scale/scale.ts';
import { valueText } from '../text/values.ts';
import type { ComparisonModel, ModuleComparison } from './comparisonModel.ts';

export type ComparisonMeasure = ConnectionsState['comparisonMeasure'];

export const COMPARISON_MEASURES: readonly ComparisonMeasure[] = ['jaccard', 'deltaCorrelation', 'rmsDifference'];

export function comparisonMeasureName(measure: ComparisonMeasure): string {
  switch (measure) {
    case 'jaccard':
      return t('Overlap of selections');
    case 'deltaCorrelation':
      return t('Correlation of deltas');
    case 'rmsDifference':
      return t('Difference of deltas');
  }
}

export function comparisonMeasureExplanation(measure: ComparisonMeasure): string {
  switch (measure) {
    case 'jaccard':
      return t('Jaccard index: connections that both selected, of those that at least one did');
    case 'deltaCorrelation':
      return t('Pearson correlation of the deltas over the connections that at least one selected');
    case 'rmsDifference':
      return t('Root mean square of the difference of deltas over the connections that at least one selected');
  }
}

export function comparisonText(measure: ComparisonMeasure, value: number): string {
  if (measure === 'jaccard' && !Number.isNaN(value)) return percentText(value);
  return measure === 'deltaCorrelation' && !Number.isNaN(value) ? correlationText(value) : valueText(value);
}

/** Three decimals, with its sign. */
function correlationText(value: number): string {
  const text = Math.abs(value).toFixed(3);
  if (Number(text) === 0) return '0';
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** Shares and correlations have fixed ends, differences those that were found. */
export function comparisonScale(measure: ComparisonMeasure, { modules }: ComparisonModel): Scale {
  if (measure === 'jaccard') return { kind: 'linear', limit: 1, isSigned: false };
  if (measure === 'deltaCorrelation') return { kind: 'linear', limit: 1, isSigned: true };
  const largest = [...modules.values()].reduce((most, each) => Math.max(most, finite(each)), 0);
  return { kind: 'linear', limit: largest > 0 ? largest : 1, isSigned: false };
}

function finite({ rmsDifference }: ModuleComparison): number {
  return Number.isFinite(rmsDifference) ? rmsDifference : 0;
}
