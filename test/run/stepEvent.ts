/** A step event with every field that the protocol asks for. */
import type { StepEvent } from '../../engine/protocol/runs/events.ts';

export function stepEvent(step: number, loss = 1 / step): Omit<StepEvent, 'time'> {
  return {
    type: 'step',
    step,
    epoch: step / 100,
    loss,
    learningRate: 1e-3,
    gradNorm: 0.5,
    tokens: 1024,
    labelTokens: 512,
    stepMs: 100,
    tokensPerSecond: 10_240,
    etaMs: 5000,
    memoryBytes: 1_000_000 + step,
  };
}
