/** An error as the view shows it. */
import type { ViewProblem } from '../../engine/protocol/connectionsView.ts';
import { EngineExpectedError } from '../engine/engineError.ts';

export function viewProblem(error: unknown): ViewProblem {
  if (error instanceof EngineExpectedError) {
    const { file, tensor } = error.place;
    const place = [file, tensor].filter((part) => part !== undefined).join(', ');
    return { text: place === '' ? error.problem : `${place}: ${error.problem}`, fix: error.fix, isBug: false };
  }
  return { text: error instanceof Error ? error.message : String(error), isBug: true };
}
