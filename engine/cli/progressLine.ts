/** The one line that shows how far a job is, cut to the terminal's width. */
import { bytesText, durationText, lossText, speedText } from './quantities.ts';

export interface ProgressState {
  readonly phase: string;
  readonly done: number;
  /** 0 where it is unknown. */
  readonly total: number;
  /** What the numbers count where that is worth a word, such as `step`. */
  readonly unit?: string;
  readonly loss?: number;
  readonly tokensPerSecond?: number;
  readonly etaMs?: number;
  readonly memoryBytes?: number;
}

const BAR_WIDTH = 24;
const SHORTEST_BAR = 6;
const GAP = '  ';

/**
 * The line without line end, at most `columns` wide. Where not all fits, memory, speed and time left go first, then the
 * bar shrinks and goes, then the phase; step and loss stay longest.
 */
export function progressLine(state: ProgressState, columns: number): string {
  const percent = state.total === 0 ? undefined : `${String(Math.floor((state.done / state.total) * 100))} %`;
  const count = countText(state);
  const loss = state.loss === undefined ? undefined : `loss ${lossText(state.loss)}`;
  const extras = [
    state.etaMs === undefined ? undefined : `${durationText(state.etaMs)} left`,
    state.tokensPerSecond === undefined ? undefined : speedText(state.tokensPerSecond),
    state.memoryBytes === undefined ? undefined : bytesText(state.memoryBytes),
  ];
  for (let kept = extras.length; kept >= 0; kept -= 1) {
    const line = withBar(state, [percent, count, loss, ...extras.slice(0, kept)], columns);
    if (line !== undefined) return line;
  }
  const shorter = [[state.phase, percent, count, loss], [percent, count, loss], [count, loss], [count ?? percent]];
  return shorter.map(joined).find((line) => line.length <= columns) ?? state.phase.slice(0, columns);
}

/** Phase, bar and parts; undefined where they do not fit. */
function withBar(state: ProgressState, parts: readonly (string | undefined)[], columns: number): string | undefined {
  const rest = joined(parts);
  const free = columns - joined([state.phase, rest]).length - (state.total === 0 ? 0 : GAP.length);
  if (state.total === 0) return free >= 0 ? joined([state.phase, rest]) : undefined;
  if (free < SHORTEST_BAR) return undefined;
  return joined([state.phase, bar(state.done / state.total, Math.min(BAR_WIDTH, free)), rest]);
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(GAP);
}

function countText({ done, total, unit }: ProgressState): string | undefined {
  if (total === 0) return done === 0 ? undefined : String(done);
  return unit === undefined ? undefined : `${unit} ${String(done)}/${String(total)}`;
}

function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
