/** What the page of the playground tells. */
import type { ModelSide, SamplingParams } from '../../engine/protocol/answers/generation.ts';
import type { PlaygroundQuestion } from '../../engine/protocol/answers/playground.ts';
import type { PointedToken } from './playgroundModel.ts';

export interface PageListener {
  question(change: Partial<PlaygroundQuestion>, sampling?: Partial<SamplingParams>): void;
  ask(): void;
  stop(): void;
  chooseModel(): void;
  point(pointed: PointedToken | undefined): void;
  /** Moves the pointed token within a side's answer. */
  pointBy(side: ModelSide, places: number): void;
}
