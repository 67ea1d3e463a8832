/** The runtime's libraries carry a telemetry client, which must not start: it writes a device id where it does. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, 'programs/runtimeUser.ts');

test('using the runtime leaves nothing in the home, cache and temporary folders, whatever the environment asks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'telemetry-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const places = { HOME: folder, XDG_CACHE_HOME: folder, TMPDIR: folder, TEMP: folder, LOCALAPPDATA: folder };
  const env = { ...process.env, ...places, NODE_DISABLE_COMPILE_CACHE: '1', ORT_DISABLE_TELEMETRY: '0' };
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM], { env });
  expect(stdout.trim()).toBe('2');
  expect(await readdir(folder, { recursive: true })).toEqual([]);
});
