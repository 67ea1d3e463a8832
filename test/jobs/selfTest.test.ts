/** The comparison of devices with the CPU: those that agree, that differ, and that fail. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { selfTest } from '../../engine/jobs/selfTest.ts';
import type { DeviceName } from '../../engine/protocol/devices.ts';

const FAKE = join(import.meta.dirname, 'programs', 'fakeTrainer.ts');

test('each usable device is trained on, and gets its verdict', async () => {
  const reports = (['cpu', 'webgpu', 'cuda', 'directml'] as const).map((device) => ({ device, isUsable: true }));
  const asked: DeviceName[] = [];
  const verdicts = await selfTest(
    [process.execPath, FAKE],
    reports,
    (device) => asked.push(device),
    new AbortController().signal,
  );
  expect(asked).toEqual(['cpu', 'webgpu', 'cuda', 'directml']);
  expect(verdicts.map(({ device, isRight }) => [device, isRight])).toEqual([
    ['webgpu', true],
    ['cuda', false],
    ['directml', false],
  ]);
  expect(verdicts[0]?.largestDifference).toBeCloseTo(5e-4, 6);
  expect(verdicts[1]?.text).toContain('differ by at most 1.0e-1');
  expect(verdicts[2]?.text).toBe('training failed: Error: no adapter was found');
});

test('devices that are not usable are left out', async () => {
  const reports = [{ device: 'webgpu', isUsable: false } as const];
  const signal = new AbortController().signal;
  expect(await selfTest([process.execPath, FAKE], reports, () => undefined, signal)).toEqual([]);
});
