/** Reports on a terminal: events as lines, and under them one progress line that is redrawn in place. */
import type { RunEvent } from '../protocol/runs/events.ts';
import { eventLines } from './eventText.ts';
import { progressLine, type ProgressState } from './progressLine.ts';
import type { Reporter } from './reporter.ts';
import type { Terminal } from './terminal.ts';

const REDRAW_INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001b[K';

/** @param now clock in milliseconds */
export function interactiveReporter(terminal: Terminal, now: () => number): Reporter {
  let state: ProgressState | undefined;
  let isDrawn = false;
  let lastTime = -Infinity;
  let totalSteps = 0;

  const erase = (): void => {
    if (isDrawn) terminal.writeNote(ERASE_LINE);
    isDrawn = false;
  };
  const draw = (): void => {
    if (state === undefined) return;
    terminal.writeNote(`${ERASE_LINE}${terminal.style('cyan', progressLine(state, terminal.columns() - 1))}`);
    isDrawn = true;
    lastTime = now();
  };
  const show = (next: ProgressState): void => {
    const isNew = next.phase !== state?.phase || (next.total > 0 && next.done >= next.total);
    state = next;
    if (isNew || now() - lastTime >= REDRAW_INTERVAL_MS) draw();
  };
  const printLines = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    erase();
    terminal.writeNote(`${lines.join('\n')}\n`);
    draw();
  };
  const finish = (): void => {
    erase();
    state = undefined;
  };

  return {
    onEvent: (event) => {
      if (event.type === 'plan') totalSteps = event.totalSteps;
      if (event.type === 'step') show(trainingState(event, totalSteps));
      printLines(eventLines(event).map((line) => styled(event, line, terminal)));
    },
    onProgress: show,
    note: (text) => printLines([text]),
    result: (_, lines) => {
      finish();
      terminal.writeResult(`${lines.join('\n')}\n`);
    },
    failure: ({ kind, lines }) => {
      finish();
      const [first = '', ...others] = lines;
      const head = kind === 'cancelled' ? first : terminal.style('red', first);
      terminal.writeNote(`${[head, ...others].join('\n')}\n`);
    },
  };
}

function trainingState(step: Extract<RunEvent, { type: 'step' }>, total: number): ProgressState {
  const { loss, tokensPerSecond, etaMs, memoryBytes } = step;
  return { phase: 'training', done: step.step, total, unit: 'step', loss, tokensPerSecond, etaMs, memoryBytes };
}

function styled(event: RunEvent, line: string, terminal: Terminal): string {
  if (event.type === 'message' && event.level !== 'info') return terminal.style('yellow', line);
  if (event.type === 'evaluation' && event.isBest) return terminal.style('green', line);
  return line.startsWith('  ') || event.type === 'checkpoint' ? terminal.style('dim', line) : line;
}
