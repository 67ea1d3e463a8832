/** One text that is being generated: its tokens so far and its own stream of random numbers. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { mixSeed } from '../data/batches/seededOrder.ts';
import { logNormalizer, mostProbable, type TokenProbability } from './logProbability.ts';
import { chooseToken, type SamplingOptions } from './sampling.ts';

/** A generated token as it is told to whoever follows. */
export interface GeneratedToken {
  /** Number of the prompt. */
  readonly prompt: number;
  readonly token: number;
  /** Under the model's own distribution; undefined where log-probabilities were not asked for. */
  readonly logProbability: number | undefined;
  /** The most probable tokens at this place, as many as were asked for. */
  readonly alternatives: readonly TokenProbability[];
}

export class Sequence {
  readonly prompt: number;
  readonly tokens: number[] = [];
  readonly #seen: Set<number>;
  readonly #random: () => number;
  readonly #sampling: SamplingOptions;

  /** A sequence draws from a stream of its own, so that what else is generated beside it makes no difference. */
  constructor(prompt: number, promptTokens: Int32Array, sampling: SamplingOptions, seed: number) {
    this.prompt = prompt;
    this.#seen = new Set(promptTokens);
    this.#sampling = sampling;
    const generator = xoroshiro128plus(mixSeed([seed, prompt]));
    this.#random = () => uniformFloat64(generator);
  }

  /**
   * Chooses the next token without adding it.
   *
   * @param logits [vocabulary], changed in place
   * @param alternatives how many alternatives to tell; undefined where log-probabilities are not wanted at all
   */
  choose(logits: Float32Array, alternatives: number | undefined): GeneratedToken {
    if (alternatives === undefined) {
      return { prompt: this.prompt, token: this.#chosen(logits), logProbability: undefined, alternatives: [] };
    }
    const normalizer = logNormalizer(logits);
    const told = mostProbable(logits, normalizer, alternatives);
    const token = this.#chosen(logits.slice());
    return { prompt: this.prompt, token, logProbability: (logits[token] ?? 0) - normalizer, alternatives: told };
  }

  add(token: number): void {
    this.tokens.push(token);
    this.#seen.add(token);
  }

  #chosen(logits: Float32Array): number {
    return chooseToken(logits, this.#seen, this.#sampling, this.#random);
  }
}
