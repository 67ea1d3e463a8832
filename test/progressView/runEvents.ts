/** Events of invented runs, for tests of what is drawn from them. */
import type { EvaluationEvent, StepEvent } from '../../engine/protocol/runs/events.ts';

export function stepEvent(step: number, figures: Partial<StepEvent> = {}): StepEvent {
  return {
    type: 'step',
    time: step,
    step,
    epoch: 0,
    loss: 1,
    learningRate: 1e-3,
    gradNorm: 0.5,
    tokens: 64,
    labelTokens: 32,
    stepMs: 10,
    tokensPerSecond: 6400,
    etaMs: 0,
    memoryBytes: 1e9,
    ...figures,
  };
}

export function evaluationEvent(step: number, loss: number): EvaluationEvent {
  return { type: 'evaluation', time: step, step, loss, examples: 10, isBest: false };
}
