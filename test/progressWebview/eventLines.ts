/** The events of a log, read without the product's own reader: what the view shows is compared with this. */
import type { EvaluationEvent, RunEvent, StepEvent } from '../../engine/protocol/runs/events.ts';

export function eventLines(text: string): RunEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
}

export function stepsOf(text: string): StepEvent[] {
  return eventLines(text).filter((event): event is StepEvent => event.type === 'step');
}

export function evaluationsOf(text: string): EvaluationEvent[] {
  return eventLines(text).filter((event): event is EvaluationEvent => event.type === 'evaluation');
}
