import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TensorboardLog } from '../../engine/run/tensorboardLog.ts';
import { crc32c } from '../../engine/run/tfRecord.ts';
import { stamped, temporaryFolder } from './runFixture.ts';
import { stepEvent } from './stepEvent.ts';
import { decodeEventFile, purgedScalars } from './tensorboardDecoder.ts';

const EVALUATION = {
  type: 'evaluation',
  step: 2,
  loss: 0.25,
  examples: 8,
  isBest: true,
  scores: { accuracy: 0.5 },
} as const;

function record(folder: string, ...events: Parameters<typeof stamped>[0]): void {
  const log = new TensorboardLog(folder);
  for (const event of stamped(events)) log.record(event);
  log.close();
}

function readFolder(folder: string): ReturnType<typeof decodeEventFile>[] {
  return readdirSync(folder)
    .sort()
    .map((name) => decodeEventFile(readFileSync(join(folder, name))));
}

describe('TensorBoard files', () => {
  test('checksum of RFC 3720', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });

  test('hold version, session start and the curves', () => {
    const folder = join(temporaryFolder(), 'tensorboard');
    record(folder, { type: 'status', status: 'training' }, stepEvent(1, 2.5), EVALUATION);
    const [events, ...others] = readFolder(folder);
    expect(others).toEqual([]);
    expect(events).toEqual([
      { time: 0.002, step: 0, fileVersion: 'brain.Event:2' },
      { time: 0.002, step: 1, sessionStatus: 1 },
      {
        time: 0.002,
        step: 1,
        scalars: {
          'train/loss': 2.5,
          'train/learning_rate': Math.fround(1e-3),
          'train/grad_norm': 0.5,
          'train/epoch': Math.fround(0.01),
          'train/tokens_per_second': 10_240,
          'train/memory_bytes': 1_000_001,
        },
      },
      { time: 0.003, step: 2, scalars: { 'eval/loss': 0.25, 'eval/accuracy': 0.5 } },
    ]);
  });

  test('hold what a float32 cannot', () => {
    const folder = temporaryFolder();
    record(folder, stepEvent(1, Number.NaN), stepEvent(2, 1e300), stepEvent(4_000_000_000));
    const events = readFolder(folder)[0]!.slice(2);
    expect(events.map((event) => event.scalars?.['train/loss'])).toEqual([NaN, Infinity, Math.fround(1 / 4e9)]);
    expect(events[2]!.step).toBe(4_000_000_000);
  });

  test('take back the steps that a resumed run trains anew', () => {
    const folder = temporaryFolder();
    record(folder, stepEvent(1, 1), stepEvent(2, 2), stepEvent(3, 3));
    record(folder, { type: 'resumed', step: 1 }, stepEvent(2, 20), stepEvent(3, 30));
    record(folder, { type: 'resumed', step: 2 }, stepEvent(3, 300), { type: 'resumed', step: 2 }, stepEvent(3, 3000));
    const files = readFolder(folder);
    expect(files).toHaveLength(4);
    expect(purgedScalars(files.flat(), 'train/loss')).toEqual([
      [1, 1],
      [2, 20],
      [3, 3000],
    ]);
  });
});
