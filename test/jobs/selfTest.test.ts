/** The comparison of devices with the CPU: those that agree, that differ, and that fail. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { selfTest } from '../../engine/jobs/selfTest.ts';
import type { DeviceName } from '../../engine/protocol/devices.ts';

const FAKE = join(import.meta.dirname, 'programs', 'fakeTrainer.ts');

test('each usable device is trained on, and gets its verdict', async () => {
  const reports = (['cpu', 'webgpu', 'cuda', 'directml'] as const).map((device) => ({
    device,
    isUsable: true,
    ...(device === 'webgpu' && { hasFloat16: true }),
  }));
  const asked: DeviceName[] = [];
  const verdicts = await selfTest(
    [process.execPath, FAKE],
    reports,
    (device) => asked.push(device),
    new AbortController().signal,
  );
  expect(asked).toEqual(['cpu', 'webgpu', 'webgpu', 'cuda', 'directml']);
  expect(verdicts.map(({ device, precision, isRight }) => [device, precision, isRight])).toEqual([
    ['webgpu', undefined, true],
    ['webgpu', 'float16', true],
    ['cuda', undefined, false],
    ['directml', undefined, false],
  ]);
  expect(verdicts[0]?.largestDifference).toBeCloseTo(5e-4, 6);
  expect(verdicts[1]?.largestDifference).toBeCloseTo(4e-3, 6);
  expect(verdicts[2]?.text).toContain('differ by at most 1.0e-1');
  expect(verdicts[3]?.text).toBe('training failed: Error: no adapter was found');
});

test('devices that are not usable are left out', async () => {
  const reports = [{ device: 'webgpu', isUsable: false } as const];
  const signal = new AbortController().signal;
  expect(await selfTest([process.execPath, FAKE], reports, () => undefined, signal)).toEqual([]);
});
