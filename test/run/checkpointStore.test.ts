import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  discardCheckpointsAfter,
  listCheckpointSteps,
  newestCheckpoint,
  pruneCheckpoints,
  removeUnfinishedCheckpoints,
  saveCheckpoint,
  type NewCheckpoint,
} from '../../engine/run/checkpointStore.ts';
import { temporaryFolder } from './runFixture.ts';

function checkpointOf(step: number): NewCheckpoint {
  const bytes = new Uint8Array(new Float32Array([step, 0.1, -0]).buffer);
  return { step, tensors: [{ name: 'm', dtype: 'F32', shape: [3], bytes }], state: { position: step * 3, rate: 0.1 } };
}

async function runWith(...steps: number[]): Promise<string> {
  const folder = temporaryFolder();
  for (const step of steps) await saveCheckpoint(folder, checkpointOf(step));
  return folder;
}

describe('checkpoint store', () => {
  test('finds nothing where nothing was written', async () => {
    expect(await newestCheckpoint(temporaryFolder())).toEqual({ checkpoint: undefined, damaged: [] });
  });

  test('gives back the newest checkpoint, past a million steps too', async () => {
    const folder = await runWith(900_000, 1_200_000, 30);
    const { checkpoint } = await newestCheckpoint(folder);
    expect(checkpoint).toMatchObject({ step: 1_200_000, state: { position: 3_600_000, rate: 0.1 } });
    expect(readFileSync(checkpoint!.tensorsFile).subarray(-12)).toEqual(
      Buffer.from(checkpointOf(1_200_000).tensors[0]!.bytes as Uint8Array),
    );
  });

  test('keeps one that exists already', async () => {
    const folder = await runWith(10);
    expect(await saveCheckpoint(folder, { ...checkpointOf(10), state: {} })).toBe('checkpoints/step-000010');
    expect((await newestCheckpoint(folder)).checkpoint?.state).toEqual({ position: 30, rate: 0.1 });
  });

  test('passes over damaged checkpoints and says so', async () => {
    const folder = await runWith(10, 20, 30, 40);
    const path = (step: number, file: string): string => join(folder, 'checkpoints', `step-0000${String(step)}`, file);
    const bytes = readFileSync(path(40, 'state.safetensors'));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path(40, 'state.safetensors'), bytes);
    truncateSync(path(30, 'state.json'), 10);
    mkdirSync(join(folder, 'checkpoints', 'step-000050'));
    const { checkpoint, damaged } = await newestCheckpoint(folder);
    expect(checkpoint?.step).toBe(20);
    expect(damaged.map((error) => error.code)).toEqual([
      'files/ENOENT',
      'run/damagedCheckpoint',
      'run/damagedCheckpoint',
    ]);
  });

  test('prunes the oldest, sparing the best', async () => {
    const folder = await runWith(10, 20, 30, 40, 50);
    await pruneCheckpoints(folder, 2, new Set([20]));
    expect(await listCheckpointSteps(folder)).toEqual([20, 40, 50]);
    await pruneCheckpoints(folder, 5);
    expect(await listCheckpointSteps(folder)).toEqual([20, 40, 50]);
  });

  test('discards later steps', async () => {
    const folder = await runWith(10, 20, 30);
    await discardCheckpointsAfter(folder, 10);
    expect(await listCheckpointSteps(folder)).toEqual([10]);
  });

  test('ignores and removes what a killed process left', async () => {
    const folder = await runWith(10);
    const torn = join(folder, 'checkpoints', 'step-000020.tmp-4242-0123456789ab');
    mkdirSync(torn);
    writeFileSync(join(torn, 'state.safetensors'), 'half');
    expect(await listCheckpointSteps(folder)).toEqual([10]);
    await removeUnfinishedCheckpoints(folder);
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['step-000010']);
  });

  test('leaves nothing where writing fails', async () => {
    const folder = temporaryFolder();
    const broken = {
      ...checkpointOf(10),
      tensors: [{ name: 'm', dtype: 'F32', shape: [4], bytes: new Uint8Array(1) }],
    } as const;
    await expect(saveCheckpoint(folder, broken)).rejects.toThrow(RangeError);
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual([]);
    expect(existsSync(join(folder, 'checkpoints', 'step-000010'))).toBe(false);
  });
});
