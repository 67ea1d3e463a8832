/** What a chart is told to show, and what it tells back. */
import type { Metric } from '../../../engine/protocol/webview.ts';
import type { Theme } from '../../theme/theme.ts';
import type { PlotLine } from './plotLines.ts';
import type { Range } from '../state/range.ts';
import type { AxisKind } from './valueAxis.ts';

export interface PlotModel {
  readonly name: string;
  /** The figures at the cursor, for those who do not see them. */
  readonly readingText: string;
  /** The same array as before means that nothing else is to be drawn. */
  readonly lines: readonly PlotLine[];
  readonly metric: Metric;
  readonly axis: AxisKind;
  readonly range: Range;
  readonly extent: Range;
  readonly cursorStep: number | null;
  readonly theme: Theme;
}

export interface PlotListener {
  /** Steps to show from now on; null for all. */
  zoom(range: Range | null): void;
  /** The step that is pointed at; null for none. */
  point(step: number | null): void;
  /** The chart has another width now. */
  resize(): void;
}
