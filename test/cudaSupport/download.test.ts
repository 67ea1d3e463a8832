/** Downloads that are cut, resumed, cancelled, or not what was promised. */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { download, type Download } from '../../engine/cudaSupport/download/download.ts';
import { temporaryFolder } from '../adapter/sampleAdapter.ts';
import { serveArchive, type ArchiveServer } from './archiveServer.ts';

const BYTES = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));

let path: string;
let server: ArchiveServer;
beforeEach(async () => {
  const folder = await temporaryFolder();
  path = join(folder, 'archive.part');
  server = await serveArchive(BYTES, '1.0.0');
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

async function fetchArchive(task: Partial<Download> = {}): Promise<void> {
  const defaults = { url: server.archiveUrl, path, sizeBytes: BYTES.length, limitBytes: 1_000_000, retryDelayMs: 0 };
  const signal = new AbortController().signal;
  await download({ ...defaults, onProgress: server.received, signal, ...task });
}

async function fails(task: Partial<Download> = {}): Promise<unknown> {
  return fetchArchive(task).then(
    () => 'fulfilled',
    (error: unknown) => error,
  );
}

async function isWhole(): Promise<boolean> {
  return BYTES.equals(await readFile(path));
}

test('fetches the whole, and tells how far it is', async () => {
  const seen: number[] = [];
  await fetchArchive({
    onProgress: (done, total) => {
      seen.push(done);
      expect(total).toBe(BYTES.length);
    },
  });
  expect(await isWhole()).toBe(true);
  expect(seen.at(-1)).toBe(BYTES.length);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test('takes a cut connection up where it was, as often as it brings something', async () => {
  server.behaviour.cuts = Array.from({ length: 8 }, () => 30_000);
  await fetchArchive();
  expect(await isWhole()).toBe(true);
  expect(server.ranges).toHaveLength(9);
  const starts = server.ranges.map((range) => Number(/\d+/.exec(range)?.[0] ?? 0));
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(starts.at(-1)).toBeGreaterThan(0);
});

test('gives up where nothing comes, and goes on the next time', async () => {
  server.behaviour.cuts = [100_000, 0, 0, 0, 0, 0];
  expect(await fails()).toMatchObject({
    code: 'cuda/interrupted',
    fix: 'Start it again: it goes on from there.',
  });
  const kept = (await stat(path)).size;
  expect(kept).toBeGreaterThan(0);
  server.behaviour.cuts = [];
  server.ranges.length = 0;
  await fetchArchive();
  expect(server.ranges).toEqual([`bytes=${String(kept)}-`]);
  expect(await isWhole()).toBe(true);
});

test('a server that is busy is asked again', async () => {
  server.behaviour.statuses = [503, 429, 500];
  await fetchArchive();
  expect(await isWhole()).toBe(true);
});

/** Leaves the beginning of another content. */
async function leavePart(content: Buffer): Promise<void> {
  const { behaviour } = server;
  [behaviour.archive, behaviour.cuts] = [content, [50_000, 0, 0, 0, 0]];
  expect(await fails()).toMatchObject({ code: 'cuda/interrupted' });
  [behaviour.archive, behaviour.cuts] = [BYTES, []];
}

test('begins anew where the archive has changed, by its tag', async () => {
  await leavePart(Buffer.alloc(BYTES.length, 1));
  server.behaviour.etag = '"second"';
  await fetchArchive();
  expect(await isWhole()).toBe(true);
});

test('begins anew where the server does not know ranges, or has the part no longer', async () => {
  await leavePart(Buffer.alloc(BYTES.length, 1));
  server.behaviour.ignoresRanges = true;
  await fetchArchive();
  expect(await isWhole()).toBe(true);

  await rm(path);
  server.behaviour.ignoresRanges = false;
  await leavePart(BYTES);
  const smaller = BYTES.subarray(0, 10_000);
  server.behaviour.archive = smaller;
  await fetchArchive({ sizeBytes: undefined });
  expect(smaller.equals(await readFile(path))).toBe(true);
});

test('begins anew where the part is of another address', async () => {
  await leavePart(BYTES);
  await fetchArchive({ url: `${server.origin}/other.nupkg` });
  expect(server.ranges.at(-1)).toBe('');
  expect(await isWhole()).toBe(true);
});

test('asks for nothing where all is there', async () => {
  await fetchArchive();
  server.ranges.length = 0;
  await fetchArchive();
  expect(server.ranges).toEqual([]);
  await fetchArchive({ sizeBytes: undefined });
  expect(server.ranges).toEqual([`bytes=${String(BYTES.length)}-`]);
  expect(await isWhole()).toBe(true);
});

test.each([
  ['too large', BYTES.length - 1],
  ['too small', BYTES.length + 1],
])('refuses an archive that is %s, and keeps nothing of it', async (_, sizeBytes) => {
  expect(await fails({ sizeBytes })).toMatchObject({ code: 'cuda/wrongSize' });
  expect(await readdir(join(path, '..'))).toEqual([]);
});

test('refuses an archive above the limit where no size is known', async () => {
  expect(await fails({ sizeBytes: undefined, limitBytes: 1000 })).toMatchObject({ code: 'cuda/wrongSize' });
  expect(await readdir(join(path, '..'))).toEqual([]);
});

test('cancelling keeps what has come', async () => {
  const controller = new AbortController();
  server.behaviour.stall = 100_000;
  const cancelled = fails({
    signal: controller.signal,
    onProgress: () => {
      controller.abort();
    },
  });
  expect(await cancelled).toMatchObject({ name: 'CancelledError' });
  expect((await stat(path)).size).toBeGreaterThan(0);
  await fetchArchive();
  expect(server.ranges.at(-1)).toMatch(/^bytes=[1-9]/);
  expect(await isWhole()).toBe(true);
});

test('a refusal and a dead server say what to do', async () => {
  server.behaviour.statuses = [404];
  expect(await fails()).toMatchObject({ code: 'cuda/refused', problem: expect.stringContaining('404') as unknown });
  expect(await fails({ url: 'http://127.0.0.1:1/a.nupkg' })).toMatchObject({
    code: 'cuda/unreachable',
    fix: expect.stringContaining('--from') as unknown,
  });
});

test('a part without its record is not believed', async () => {
  await writeFile(path, 'something else');
  await fetchArchive();
  expect(server.ranges).toEqual(['']);
  expect(await isWhole()).toBe(true);
});
