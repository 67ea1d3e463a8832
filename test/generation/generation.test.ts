/** Generation, token for token against transformers, alone and among prompts of other lengths; and sampled, seeded. */
import { describe, expect, test } from 'vitest';
import { generate } from '../../engine/generation/generation.ts';
import type { GenerationOptions } from '../../engine/generation/contract.ts';
import { GREEDY } from '../../engine/generation/sampling.ts';
import type { GeneratedToken } from '../../engine/generation/sequence.ts';
import { createDecoder } from '../../engine/inference/decoder.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { ARCHITECTURES, goldenWeights, integers, readGolden } from '../training/goldenModel.ts';

const options: GenerationOptions = { maxNewTokens: 8, eosTokenIds: [], rowCount: 2, sampling: GREEDY, seed: 1 };

async function goldenPrompt(name: string): Promise<{ prompt: Int32Array; expected: readonly number[] }> {
  const golden = await readGolden(`architectures/${name}.safetensors`);
  return {
    prompt: integers(golden, 'greedy.prompt').data,
    expected: [...integers(golden, 'greedy.tokens').data],
  };
}

describe.each(ARCHITECTURES)('%s', (name) => {
  test('continues as transformers does, whatever else goes through the same cache', async () => {
    const decoder = await createDecoder(await goldenWeights(name), { threads: 1 });
    const { prompt, expected } = await goldenPrompt(name);
    const prompts = [prompt.slice(0, 3), prompt, prompt.slice(0, 1), prompt.slice(0, 5), prompt];
    const together = await generate(decoder, prompts, options);
    expect(together[1]?.tokens).toEqual(expected);
    expect(together[4]).toEqual(together[1]);
    for (const [index, text] of prompts.entries()) {
      expect(await generate(decoder, [text], options)).toEqual([together[index]]);
    }
    await decoder.release();
  });

  test('gives the logits of a pass over the whole text', async () => {
    const weights = await goldenWeights(name);
    const decoder = await createDecoder(weights, { threads: 1 });
    const forward = await createForwardPass(weights, { device: 'cpu', threads: 1 });
    const { prompt, expected } = await goldenPrompt(name);
    const cache = decoder.openCache(1, 32);
    let found = await decoder.readPrompts(cache, 0, [prompt.slice(0, 2)]);
    const text = [...prompt, ...expected];
    for (let length = 2; length < text.length; length++) {
      const tokenIds = Int32Array.from(text.slice(0, length));
      const positions = Int32Array.from(tokenIds.keys());
      const rows = { batchSize: 1, sequenceLength: length, tokenIds, positions, segments: null };
      const whole = await forward.logits(rows, Int32Array.of(length - 1));
      whole.forEach((logit, token) => {
        expect(found[token]).toBeCloseTo(logit, 4);
      });
      found = await decoder.readTokens(cache, Int32Array.of(text[length] ?? 0));
    }
    await decoder.release();
    await forward.release();
  });
});

describe('one model', async () => {
  const { prompt, expected } = await goldenPrompt('llama');
  const decoder = await createDecoder(await goldenWeights('llama'), { threads: 1 });
  const sampling = { temperature: 1.5, topK: 20, topP: 0.9, repetitionPenalty: 1.1 };

  test('an end token ends a text and is not part of it', async () => {
    const [first = 0, second = 0] = expected;
    expect(await generate(decoder, [prompt], { ...options, eosTokenIds: [first] })).toEqual([
      { tokens: [], ending: 'endToken' },
    ]);
    const [stopped] = await generate(decoder, [prompt], options, {
      onToken: ({ token }) => (token === second ? 'stop' : undefined),
    });
    expect(stopped).toEqual({ tokens: [first, second], ending: 'stopped' });
  });

  test('the same seed draws the same tokens, beside others or alone; another seed draws others', async () => {
    const drawn = await generate(decoder, [prompt, prompt, prompt], { ...options, sampling });
    expect(await generate(decoder, [prompt, prompt, prompt], { ...options, sampling, rowCount: 1 })).toEqual(drawn);
    expect(drawn[0]).not.toEqual(drawn[1]);
    const [other] = await generate(decoder, [prompt], { ...options, sampling, seed: 2 });
    expect(other).not.toEqual(drawn[0]);
  });

  test('log-probabilities are those of the model, whatever the sampling', async () => {
    const told: GeneratedToken[] = [];
    await generate(
      decoder,
      [prompt],
      { ...options, sampling, alternatives: 96 },
      {
        onToken: (token) => {
          told.push(token);
          return undefined;
        },
      },
    );
    expect(told).toHaveLength(8);
    for (const { token, logProbability, alternatives } of told) {
      const total = alternatives.reduce((sum, alternative) => sum + Math.exp(alternative.logProbability), 0);
      expect(total).toBeCloseTo(1, 5);
      expect(alternatives.find((alternative) => alternative.token === token)?.logProbability).toBe(logProbability);
      expect(alternatives.map((alternative) => alternative.logProbability)).toEqual(
        alternatives.map((alternative) => alternative.logProbability).toSorted((a, b) => b - a),
      );
    }
  });

  test('a prompt that fills the context is refused; one that nearly does is cut off', async () => {
    const { maxPositions } = decoder.config;
    const long = new Int32Array(maxPositions - 3).fill(5);
    const [cut] = await generate(decoder, [long], options);
    expect(cut).toMatchObject({ ending: 'length' });
    expect(cut?.tokens).toHaveLength(3);
    const tooLong = generate(decoder, [new Int32Array(maxPositions).fill(5)], options);
    await expect(tooLong).rejects.toMatchObject({ code: 'generation/promptTooLong' });
  });

  test('cancelling ends it', async () => {
    const controller = new AbortController();
    const cancelled = generate(decoder, [prompt], options, {
      onToken: () => {
        controller.abort();
        return undefined;
      },
      signal: controller.signal,
    });
    await expect(cancelled).rejects.toThrow('cancelled');
  });
});
