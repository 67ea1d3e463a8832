/** Weights and deltas as people read them, and what modules and sources are called. */
import type {
  ConnectionSource,
  RunMoment,
  SourceDescription,
} from '../../../engine/protocol/connections/connectionSource.ts';
import { t } from '../../host/translations.ts';
import { NO_FIGURE } from '../../text/figures.ts';

/** Three significant digits, a true minus sign, scientific only where zeros would fill the cell. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return NO_FIGURE;
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size < 1e-3 || size >= 1e5 ? size.toExponential(1) : size.toPrecision(3);
  return value < 0 ? `−${text}` : text;
}

/** With its sign always: for what is added. */
export function deltaText(value: number): string {
  return value > 0 ? `+${valueText(value)}` : valueText(value);
}

/** Exact to float32, for read-outs and tables that are copied from. */
export function exactText(value: number): string {
  if (Number.isNaN(value)) return NO_FIGURE;
  const text = String(Number(Math.abs(value).toPrecision(7)));
  return value < 0 ? `−${text}` : text;
}

/** Layer and kind as one name. */
export function moduleTitle({ layer, kind }: { readonly layer: number; readonly kind: string }): string {
  return t('Layer {0} · {1}', layer, kind);
}

export function momentText(at: RunMoment, step: number): string {
  if (at === 'selection') return t('Selection, before training');
  return at === 'adapter' ? t('Finished adapter, step {0}', step) : t('Step {0}', step);
}

/** Which moment of a run, or nothing for other sources. */
export function sourceMomentText(source: ConnectionSource): string | undefined {
  if (source.kind !== 'run' || source.at === 'newest') return undefined;
  if (source.at === 'selection') return t('selection');
  return source.at === 'adapter' ? t('adapter') : t('step {0}', source.at);
}

/** A source's name with its moment. */
export function sourceTitle(shown: {
  readonly source: ConnectionSource;
  readonly description: SourceDescription;
}): string {
  const moment = sourceMomentText(shown.source);
  return moment === undefined ? shown.description.name : t('{0} ({1})', shown.description.name, moment);
}
