/** Memory figures: of this process as it grows, and of machines whose control groups set limits. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { allocatableBytes, machineMemory, processMemory } from '../../engine/runtime/memory.ts';

const MEBI = 2 ** 20;

test('resident memory grows with use, and the peak remembers it', () => {
  const before = processMemory();
  const block = Buffer.alloc(64 * MEBI, 1);
  const after = processMemory();
  expect(block[MEBI]).toBe(1);
  expect(after.residentBytes - before.residentBytes).toBeGreaterThan(48 * MEBI);
  expect(after.peakBytes).toBeGreaterThanOrEqual(after.residentBytes);
});

test('this machine has memory', () => {
  const { totalBytes, availableBytes } = machineMemory();
  expect(availableBytes).toBeGreaterThan(MEBI);
  expect(totalBytes).toBeGreaterThanOrEqual(availableBytes);
});

describe.runIf(process.platform === 'linux')('control groups and limits', () => {
  const MEMINFO = `MemTotal: ${1000 * 1024} kB\nMemFree: 5 kB\nMemAvailable: ${800 * 1024} kB\n`;

  async function machine(files: Readonly<Record<string, string>>): Promise<string> {
    const root = await mkdtemp(join(tmpdir(), 'neuroada-memory-'));
    onTestFinished(() => rm(root, { recursive: true }));
    for (const [path, text] of Object.entries({ 'proc/meminfo': MEMINFO, ...files })) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return root;
  }

  test('none', async () => {
    const expected = { totalBytes: 1000 * MEBI, availableBytes: 800 * MEBI };
    expect(machineMemory(await machine({}))).toEqual(expected);
    expect(machineMemory(await machine({ 'proc/self/cgroup': '0::/\n' }))).toEqual(expected);
  });

  test('version 2: a limit less what is used, where droppable file pages count as free', async () => {
    const root = await machine({
      'proc/self/cgroup': '0::/job/step\n',
      'sys/fs/cgroup/job/step/memory.max': `${300 * MEBI}\n`,
      'sys/fs/cgroup/job/step/memory.current': `${200 * MEBI}\n`,
      'sys/fs/cgroup/job/step/memory.stat': `anon 1\ninactive_file ${50 * MEBI}\nactive_file 9\n`,
    });
    expect(machineMemory(root)).toEqual({ totalBytes: 300 * MEBI, availableBytes: 150 * MEBI });
  });

  test('version 2: a limit of a group around the own one', async () => {
    const root = await machine({
      'proc/self/cgroup': '0::/job/step\n',
      'sys/fs/cgroup/job/step/memory.max': 'max\n',
      'sys/fs/cgroup/job/step/memory.current': '5\n',
      'sys/fs/cgroup/job/memory.max': `${400 * MEBI}\n`,
      'sys/fs/cgroup/job/memory.current': `${100 * MEBI}\n`,
    });
    expect(machineMemory(root)).toEqual({ totalBytes: 400 * MEBI, availableBytes: 300 * MEBI });
  });

  test('version 2: a container that sees only its own group', async () => {
    const root = await machine({
      'proc/self/cgroup': '0::/../../host/path\n',
      'sys/fs/cgroup/memory.max': `${200 * MEBI}\n`,
      'sys/fs/cgroup/memory.current': `${250 * MEBI}\n`,
    });
    expect(machineMemory(root)).toEqual({ totalBytes: 200 * MEBI, availableBytes: 0 });
  });

  test('limits of the process itself', async () => {
    const limits = (space: string, data: string): string =>
      `Limit                     Soft Limit           Hard Limit           Units     \nMax data size             ${data} unlimited            bytes     \nMax address space         ${space} unlimited            bytes     \n`;
    const status = `Name:\tnode\nVmSize:\t  ${500 * 1024} kB\nVmData:\t  ${100 * 1024} kB\n`;
    const bytesUnder = async (space: string, data: string): Promise<number> =>
      allocatableBytes(await machine({ 'proc/self/limits': limits(space, data), 'proc/self/status': status }));
    expect(await bytesUnder('unlimited', 'unlimited')).toBe(800 * MEBI);
    expect(await bytesUnder('unlimited', `${300 * MEBI}`)).toBe(200 * MEBI);
    expect(await bytesUnder(`${900 * MEBI}`, `${700 * MEBI}`)).toBe(400 * MEBI);
    expect(await bytesUnder(`${100 * MEBI}`, 'unlimited')).toBe(0);
  });

  test('version 1', async () => {
    const root = await machine({
      'proc/self/cgroup': '12:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': `${500 * MEBI}\n`,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': `${120 * MEBI}\n`,
      'sys/fs/cgroup/memory/memory.stat': `inactive_file 7\ntotal_inactive_file ${20 * MEBI}\n`,
    });
    expect(machineMemory(root)).toEqual({ totalBytes: 500 * MEBI, availableBytes: 400 * MEBI });
  });

  test('version 1: no limit is a number beyond any memory', async () => {
    const root = await machine({
      'proc/self/cgroup': '4:memory:/\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '100\n',
    });
    expect(machineMemory(root)).toEqual({ totalBytes: 1000 * MEBI, availableBytes: 800 * MEBI });
  });
});
