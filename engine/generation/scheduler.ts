/**
 * Takes many prompts through a cache of few rows: prompts are read in groups, every step adds a token to each open
 * sequence, and a sequence that has ended makes place for a prompt that waits.
 */
import type { Decoder } from '../inference/decoder.ts';
import type { KeyValueCache } from '../inference/keyValueCache.ts';
import type { Ending, Generation, GenerationListener, GenerationOptions } from './contract.ts';
import { Sequence } from './sequence.ts';

/** Padded tokens that are read as one group of prompts; a longer prompt is read alone. */
const GROUP_TOKENS = 1024;
/** Prompts are read when this share of the rows is free, so that groups are worth their while. */
const FREE_SHARE = 0.25;

export class Scheduler {
  /** What follows each prompt, complete once `advance` has returned false. */
  readonly results: Generation[];
  readonly #decoder: Decoder;
  readonly #cache: KeyValueCache;
  readonly #prompts: readonly Int32Array[];
  readonly #options: GenerationOptions;
  readonly #listener: GenerationListener;
  /** Numbers of the prompts that wait, the next one last: long ones first, neighbours of like length. */
  readonly #waiting: number[];
  /** The sequence of each row that is in use; those rows come first. */
  readonly #open: Sequence[] = [];

  constructor(
    decoder: Decoder,
    cache: KeyValueCache,
    prompts: readonly Int32Array[],
    options: GenerationOptions,
    listener: GenerationListener,
  ) {
    this.#decoder = decoder;
    this.#cache = cache;
    this.#prompts = prompts;
    this.#options = options;
    this.#listener = listener;
    this.#waiting = [...prompts.keys()].sort((a, b) => this.#promptOf(a).length - this.#promptOf(b).length);
    this.results = prompts.map(() => ({ tokens: [], ending: 'length' }));
  }

  /** Reads a group of prompts or one token of each open sequence; false where all is done. */
  async advance(): Promise<boolean> {
    const free = this.#cache.rowCount - this.#open.length;
    const isDue = this.#open.length === 0 || free >= this.#cache.rowCount * FREE_SHARE;
    if (this.#waiting.length > 0 && free > 0 && isDue) await this.#readPrompts(free);
    else if (this.#open.length > 0) await this.#readTokens();
    else return false;
    return true;
  }

  async #readPrompts(free: number): Promise<void> {
    const group = this.#nextGroup(free);
    const first = this.#open.length;
    const { sampling, seed } = this.#options;
    for (const prompt of group) this.#open.push(new Sequence(prompt, this.#promptOf(prompt), sampling, seed));
    const texts = group.map((prompt) => this.#promptOf(prompt));
    this.#extend(await this.#decoder.readPrompts(this.#cache, first, texts), first);
  }

  /** The prompts that wait longest, the first of which is the longest of the group. */
  #nextGroup(free: number): number[] {
    const longest = this.#promptOf(this.#waiting.at(-1) ?? 0).length;
    const count = Math.max(1, Math.min(free, this.#waiting.length, Math.floor(GROUP_TOKENS / longest)));
    return this.#waiting.splice(-count).reverse();
  }

  async #readTokens(): Promise<void> {
    const last = Int32Array.from(this.#open, ({ tokens }) => tokens.at(-1) ?? 0);
    this.#extend(await this.#decoder.readTokens(this.#cache, last), 0);
  }

  /** Adds a token to the sequences from row `first` on, and frees the rows of those that end, from the last row down. */
  #extend(logits: Float32Array, first: number): void {
    const width = this.#decoder.config.vocabularySize;
    const endings = this.#open
      .slice(first)
      .map((sequence, index) => this.#extendOne(sequence, logits.subarray(index * width, (index + 1) * width)));
    for (let row = this.#open.length - 1; row >= first; row--) {
      const ending = endings[row - first];
      if (ending !== undefined) this.#end(row, ending);
    }
  }

  #extendOne(sequence: Sequence, logits: Float32Array): Ending | undefined {
    const { eosTokenIds, maxNewTokens, alternatives } = this.#options;
    if (maxNewTokens === 0) return 'length';
    const chosen = sequence.choose(logits, alternatives);
    if (eosTokenIds.includes(chosen.token)) return 'endToken';
    sequence.add(chosen.token);
    if (this.#listener.onToken?.(chosen) === 'stop') return 'stopped';
    const length = this.#promptOf(sequence.prompt).length + sequence.tokens.length;
    return sequence.tokens.length >= maxNewTokens || length >= this.#cache.capacity ? 'length' : undefined;
  }

  #end(row: number, ending: Ending): void {
    const ended = this.#open[row];
    const last = this.#open.pop();
    if (ended === undefined || last === undefined) throw new Error(`row ${String(row)} holds no sequence`);
    if (last !== ended) {
      this.#open[row] = last;
      this.#cache.moveRow(this.#open.length, row);
    }
    const generation = { tokens: ended.tokens, ending };
    this.results[ended.prompt] = generation;
    this.#listener.onEnd?.(ended.prompt, generation);
  }

  #promptOf(prompt: number): Int32Array {
    const tokens = this.#prompts[prompt];
    if (tokens === undefined) throw new Error(`there is no prompt ${String(prompt)}`);
    return tokens;
  }
}
