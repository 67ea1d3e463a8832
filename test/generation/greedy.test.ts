/** Greedy generation, token for token against transformers, alone and in a batch of prompts of different lengths. */
import { describe, expect, test } from 'vitest';
import { generateGreedily } from '../../engine/generation/greedy.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { ARCHITECTURES, goldenWeights, integers, readGolden } from '../training/goldenModel.ts';

describe.each(ARCHITECTURES)('%s', (name) => {
  test('continues as transformers does', async () => {
    const golden = await readGolden(`architectures/${name}.safetensors`);
    const forward = await createForwardPass(await goldenWeights(name), { device: 'cpu', threads: 1 });
    const prompt = integers(golden, 'greedy.prompt').data;
    const expected = [...integers(golden, 'greedy.tokens').data];
    const prompts = [prompt.slice(0, 3), prompt, prompt.slice(0, 1)];
    const options = { maxNewTokens: expected.length, eosTokenIds: [], batchSize: 2 };
    const generated = await generateGreedily(forward, prompts, options);
    expect(generated[1]).toEqual(expected);
    const alone = await generateGreedily(forward, [prompt.slice(0, 3)], options);
    expect(generated[0]).toEqual(alone[0]);
    const [first] = expected;
    const stopped = await generateGreedily(forward, [prompt], { ...options, eosTokenIds: [first ?? 0] });
    expect(stopped).toEqual([[]]);
    await forward.release();
  });
});
