/** Generates continuations of prompts, token for token: what is asked for, what is told meanwhile, and what comes out. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CancelledError, ExpectedError } from '../errors/expected.ts';
import type { Decoder } from '../inference/decoder.ts';
import { Scheduler } from './scheduler.ts';
import type { GenerationOptions, Generation, GenerationListener } from './contract.ts';

/**
 * @param prompts none empty
 * @returns what follows each prompt
 * @throws ExpectedError `generation/promptTooLong`; CancelledError
 */
export async function generate(
  decoder: Decoder,
  prompts: readonly Int32Array[],
  options: GenerationOptions,
  listener: GenerationListener = {},
): Promise<readonly Generation[]> {
  if (prompts.length === 0) return [];
  const scheduler = openScheduler(decoder, prompts, options, listener);
  while (await scheduler.advance()) {
    await nextTurn();
    if (listener.signal?.aborted === true) throw new CancelledError();
  }
  return scheduler.results;
}

/** A generation that its owner advances step by step, such as two side by side. */
export function openScheduler(
  decoder: Decoder,
  prompts: readonly Int32Array[],
  options: GenerationOptions,
  listener: GenerationListener,
): Scheduler {
  const longest = checkedLength(prompts, decoder.config.maxPositions);
  const capacity = Math.min(longest + options.maxNewTokens, decoder.config.maxPositions);
  const cache = decoder.openCache(Math.min(options.rowCount, prompts.length), capacity);
  return new Scheduler(decoder, cache, prompts, options, listener);
}

function checkedLength(prompts: readonly Int32Array[], maxPositions: number): number {
  const longest = prompts.reduce((most, prompt) => Math.max(most, prompt.length), 0);
  if (prompts.some((prompt) => prompt.length === 0)) throw new RangeError('a prompt is empty');
  if (longest < maxPositions) return longest;
  throw new ExpectedError(
    'generation/promptTooLong',
    `a prompt has ${String(longest)} tokens, but the model was made for at most ${String(maxPositions)}, answer included`,
    'Shorten the prompt, or choose a model with a longer context.',
  );
}
