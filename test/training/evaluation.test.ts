/** What is measured on evaluation examples: exact answers are those that greedy decoding gives, in the pass of the loss. */
import { expect, test } from 'vitest';
import type { TokenizedExample } from '../../engine/data/tokenization.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { evaluationLoss, evaluationMeasures } from '../../engine/training/evaluation.ts';
import { ARCHITECTURES, goldenWeights, integers, readGolden } from './goldenModel.ts';

test.each(ARCHITECTURES)('the answer that transformers generates is exact, any other is not, %s', async (name) => {
  const golden = await readGolden(`architectures/${name}.safetensors`);
  const [prompt, answer] = [integers(golden, 'greedy.prompt').data, integers(golden, 'greedy.tokens').data];
  const exampleOf = (labels: Int32Array): TokenizedExample => ({
    tokens: Int32Array.from([...prompt, ...labels]),
    isLabel: Uint8Array.from([...prompt.map(() => 0), ...labels.map(() => 1)]),
    place: { file: 'golden', line: 1, unit: 'line' },
  });
  const wrongAt = (place: number): Int32Array => answer.map((token, at) => (at === place ? (token + 1) % 96 : token));
  const examples = [answer, wrongAt(0), wrongAt(answer.length - 1), answer.subarray(0, 3)].map(exampleOf);
  const forward = await createForwardPass(await goldenWeights(name), { device: 'cpu', threads: 1 });
  for (const batchSize of [1, 3]) {
    const { loss, exactMatch } = await evaluationMeasures(forward, examples, batchSize, 0);
    expect(exactMatch).toBe(0.5);
    expect(loss).toBe(await evaluationLoss(forward, examples, batchSize, 0));
  }
  await forward.release();
});
