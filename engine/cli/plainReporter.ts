/** Reports in a pipe or file: whole lines on standard error, few enough to read, the result on standard output. */
import type { StepEvent } from '../protocol/runs/events.ts';
import { eventLines } from './eventText.ts';
import { bytesText, durationText, lossText, smallText, speedText } from './quantities.ts';
import type { Reporter } from './reporter.ts';
import type { Terminal } from './terminal.ts';

/** A step gets a line where this long passed since the last one and this share of the run, or the longest time. */
const SHORTEST_INTERVAL_MS = 2000;
const LONGEST_INTERVAL_MS = 30_000;
const SHARE = 0.01;

/** @param now clock in milliseconds */
export function plainReporter(terminal: Terminal, now: () => number): Reporter {
  const note = (text: string): void => terminal.writeNote(`${text}\n`);
  const isDue = stepThrottle(now);
  let totalSteps = 0;
  let phase: string | undefined;
  return {
    onEvent: (event) => {
      for (const line of eventLines(event)) note(line);
      if (event.type === 'plan') totalSteps = event.totalSteps;
      if (event.type === 'step' && isDue(event.step, totalSteps)) note(stepText(event, totalSteps));
    },
    onProgress: (progress) => {
      if (progress.phase !== phase) note(progress.phase);
      phase = progress.phase;
    },
    note,
    result: (_, lines) => {
      terminal.writeResult(`${lines.join('\n')}\n`);
    },
    failure: ({ lines }) => note(lines.join('\n')),
  };
}

/** The first and the last step are always due. */
function stepThrottle(now: () => number): (step: number, totalSteps: number) => boolean {
  let last: { step: number; time: number } | undefined;
  return (step, totalSteps) => {
    const elapsedMs = now() - (last?.time ?? -Infinity);
    const hasMoved = step - (last?.step ?? -Infinity) >= totalSteps * SHARE;
    const isDue =
      step === totalSteps || elapsedMs >= LONGEST_INTERVAL_MS || (elapsedMs >= SHORTEST_INTERVAL_MS && hasMoved);
    if (isDue) last = { step, time: now() };
    return isDue;
  };
}

function stepText(step: StepEvent, totalSteps: number): string {
  const percent = totalSteps === 0 ? '' : ` (${String(Math.floor((step.step / totalSteps) * 100))} %)`;
  return [
    `step ${String(step.step)}${totalSteps === 0 ? '' : `/${String(totalSteps)}`}${percent}`,
    `loss ${lossText(step.loss)}`,
    `lr ${smallText(step.learningRate)}`,
    speedText(step.tokensPerSecond),
    `${durationText(step.etaMs)} left`,
    bytesText(step.memoryBytes),
  ].join('  ');
}
