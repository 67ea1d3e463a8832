/** What a generation is asked for, and what it tells. */
import type { SamplingOptions } from './sampling.ts';
import type { GeneratedToken } from './sequence.ts';

export interface GenerationOptions {
  /** Most tokens to generate for each prompt. */
  readonly maxNewTokens: number;
  /** Any of them ends a sequence and is not part of it. */
  readonly eosTokenIds: readonly number[];
  /** Sequences that are generated side by side. */
  readonly rowCount: number;
  readonly sampling: SamplingOptions;
  readonly seed: number;
  /** How many alternatives to tell with each token; undefined: no log-probabilities either. */
  readonly alternatives?: number;
}

/** Why a sequence ended: an end token, a listener's wish (such as a stop sequence), or the most tokens allowed. */
export type Ending = 'endToken' | 'stopped' | 'length';

export interface Generation {
  readonly tokens: readonly number[];
  readonly ending: Ending;
}

export interface GenerationListener {
  /** Told every token in its order; `stop` ends its sequence with this token. */
  readonly onToken?: (token: GeneratedToken) => 'stop' | undefined;
  /** Told every sequence that has ended, whatever the order. */
  readonly onEnd?: (prompt: number, generation: Generation) => void;
  readonly signal?: AbortSignal;
}
