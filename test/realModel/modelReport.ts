/** What the engine says of a checkpoint, as `test/golden/check_merged.py` reads it: token ids, logits and greedy text. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/checkpoint/safetensors/safetensorsWriter.ts';
import { openTokenizer } from '../../engine/checkpoint/tokenizer/tokenizer.ts';
import { generate } from '../../engine/generation/generation.ts';
import { GREEDY } from '../../engine/generation/sampling.ts';
import { createDecoder } from '../../engine/inference/decoder.ts';
import { createForwardPass } from '../../engine/inference/forwardPass.ts';
import { loadWeights } from '../../engine/model/weights/residentWeights.ts';

const NEW_TOKENS = 32;

/** Writes `report.json` and `logits.safetensors` into `output`. @returns the generated texts */
export async function writeModelReport(
  folder: string,
  prompts: readonly string[],
  output: string,
  threads: number,
): Promise<readonly string[]> {
  const tokenizer = await openTokenizer(folder);
  const checkpoint = await openCheckpoint(folder);
  const weights = await loadWeights(checkpoint);
  await checkpoint.close();
  const forward = await createForwardPass(weights, { device: 'cpu', threads });
  const tokens = prompts.map((prompt) => Int32Array.from(tokenizer.encode(prompt, { addSpecialTokens: true })));
  const tensors: TensorToWrite[] = [];
  for (const [index, tokenIds] of tokens.entries()) {
    const rows = {
      ...{ batchSize: 1, sequenceLength: tokenIds.length, tokenIds, segments: null },
      positions: Int32Array.from(tokenIds.keys()),
    };
    const logits = await forward.logits(rows, Int32Array.from(tokenIds.keys()));
    tensors.push({
      name: String(index),
      dtype: 'F32',
      shape: [tokenIds.length, weights.config.vocabularySize],
      bytes: new Uint8Array(Float32Array.from(logits).buffer),
    });
  }
  await forward.release();
  const decoder = await createDecoder(weights, { threads });
  const options = {
    maxNewTokens: NEW_TOKENS,
    eosTokenIds: tokenizer.eosTokenIds,
    rowCount: 4,
    sampling: GREEDY,
    seed: 0,
  };
  const greedy = (await generate(decoder, tokens, options)).map((generation) => generation.tokens);
  await decoder.release();
  await mkdir(output, { recursive: true });
  await writeSafetensors(join(output, 'logits.safetensors'), tensors);
  const report = { prompts, tokens: tokens.map((ids) => [...ids]), logits: 'logits.safetensors', greedy };
  await writeFile(join(output, 'report.json'), JSON.stringify(report));
  return greedy.map((ids) => tokenizer.decode([...ids], { skipSpecialTokens: true }));
}
