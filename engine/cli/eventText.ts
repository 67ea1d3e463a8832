/** Events of a run as lines for people. Steps have none here: they are shown as progress. */
import type { EvaluatedEvent, EvaluationEvent, PlanEvent, RunEvent, SelectionEvent } from '../protocol/runs/events.ts';
import { bytesText, counted, countText, lossText, shareText, smallText } from './quantities.ts';

/** The lines of an event; none where it needs no words. */
export function eventLines(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'status':
      return event.status === 'training' ? [event.status] : [];
    case 'selection':
      return [selectionText(event)];
    case 'plan':
      return planLines(event);
    case 'evaluation':
      return [evaluationText(event)];
    case 'checkpoint':
      return [`step ${String(event.step)}: checkpoint saved`];
    case 'resumed':
      return [event.step === 0 ? 'resumed from the start' : `resumed after step ${String(event.step)}`];
    case 'message':
      return [event.level === 'info' ? event.text : `${event.level}: ${event.text}`];
    case 'evaluated':
      return [evaluatedText(event)];
    case 'step':
    case 'result':
    case 'merged':
      return [];
  }
}

export function selectionText(selection: Omit<SelectionEvent, 'type' | 'time'>): string {
  const { strategy, k, trainableParameters, totalParameters, trainableShare } = selection;
  const share = `${shareText(trainableShare)} of ${countText(totalParameters)}`;
  const parameters = `${countText(trainableParameters)} trainable parameters, ${share}`;
  // Methods that select no connections have k = 0, and tell their name as the strategy.
  if (k === 0) return `${strategy}: ${parameters}`;
  return `selected ${counted(k, 'connection')} per neuron by ${strategy}: ${parameters}`;
}

function planLines(plan: PlanEvent): readonly string[] {
  const precision = plan.precision === 'float16' ? ' in float16' : '';
  const planName = plan.plan === 'layered' ? `layered plan${precision}` : 'whole-graph plan';
  const examples = `${counted(plan.trainExamples, 'example')}, ${countText(plan.evaluationExamples)} held out`;
  return [
    `${plan.device}, ${planName}, ${counted(plan.threads, 'thread')}; expected peak memory ${bytesText(plan.predictedPeakBytes)}`,
    ...plan.reasons.map((reason) => `  ${reason}`),
    `${counted(plan.totalSteps, 'step')} over ${examples}; learning rate ${smallText(plan.learningRate)}`,
  ];
}

function evaluatedText({ name, metric, value, low, high, examples }: EvaluatedEvent): string {
  const interval = `95 %: ${lossText(low)} to ${lossText(high)}`;
  return `${name}: ${metric} ${lossText(value)} (${interval}) over ${counted(examples, 'example')}`;
}

function evaluationText({ step, loss, isBest, scores = {} }: EvaluationEvent): string {
  const further = Object.entries(scores).map(([name, score]) => `, ${name} ${lossText(score)}`);
  return `step ${String(step)}: evaluation loss ${lossText(loss)}${further.join('')}${isBest ? ' (best so far)' : ''}`;
}
