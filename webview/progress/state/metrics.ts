/** The charts of the view: what each is called, what it draws, how its figures read. */
import type { Metric } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';
import { bytesText, countText, numberText } from '../../text/figures.ts';

export type ChartId = 'loss' | 'learningRate' | 'gradNorm' | 'tokensPerSecond' | 'memoryBytes';

export interface ChartKind {
  readonly id: ChartId;
  readonly title: string;
  /** The first one is drawn as a line, the others as marked points. */
  readonly metrics: readonly Metric[];
  /** Whether a logarithmic axis says something about it. */
  readonly canBeLog: boolean;
  /** Whether the axis starts at zero: where shares matter more than small changes. */
  readonly isFromZero: boolean;
}

export function chartKinds(): readonly ChartKind[] {
  return [
    { id: 'loss', title: t('Loss'), metrics: ['loss', 'evaluationLoss'], canBeLog: true, isFromZero: false },
    {
      id: 'learningRate',
      title: t('Learning Rate'),
      metrics: ['learningRate'],
      canBeLog: true,
      isFromZero: true,
    },
    { id: 'gradNorm', title: t('Gradient Norm'), metrics: ['gradNorm'], canBeLog: true, isFromZero: true },
    {
      id: 'tokensPerSecond',
      title: t('Tokens per Second'),
      metrics: ['tokensPerSecond'],
      canBeLog: false,
      isFromZero: true,
    },
    { id: 'memoryBytes', title: t('Memory'), metrics: ['memoryBytes'], canBeLog: false, isFromZero: true },
  ];
}

export function metricTitle(metric: Metric): string {
  switch (metric) {
    case 'loss':
      return t('Training Loss');
    case 'evaluationLoss':
      return t('Evaluation Loss');
    case 'learningRate':
      return t('Learning Rate');
    case 'gradNorm':
      return t('Gradient Norm');
    case 'tokensPerSecond':
      return t('Tokens per Second');
    case 'memoryBytes':
      return t('Memory');
  }
}

/** A figure with its unit, in as many digits as tell something. */
export function metricText(metric: Metric, value: number): string {
  switch (metric) {
    case 'memoryBytes':
      return bytesText(value);
    case 'tokensPerSecond':
      return countText(value);
    case 'loss':
    case 'evaluationLoss':
    case 'learningRate':
    case 'gradNorm':
      return numberText(value);
  }
}
