/** A merge that is killed at any moment leaves no half-written model and an unchanged base, and can be done again. */
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeAdapter } from '../../engine/adapter/adapter.ts';
import { openCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { sampleAdapter } from '../adapter/sampleAdapter.ts';
import { scratchFolder } from '../checkpoint/handmadeFile.ts';
import { KILLS, live, randomNumbers, type KillMoment } from '../killing.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'merging.ts');
const SAMPLE = join(import.meta.dirname, '..', '..', 'media', 'sample', 'checkpoint');
const folder = scratchFolder();

/** Name and content of every file of a folder. */
function contentOf(path: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(path).sort()) hash.update(name).update(readFileSync(join(path, name)));
  return hash.digest('hex');
}

test('merging', { timeout: 30_000 + KILLS * 5000 }, async () => {
  const base = join(folder, 'base');
  cpSync(SAMPLE, base, { recursive: true });
  const checkpoint = await openCheckpoint(base);
  const adapter = join(folder, 'adapter');
  const { config, modules } = await sampleAdapter(checkpoint, { k: 20 });
  await checkpoint.close();
  await writeAdapter(adapter, config, modules);
  const original = contentOf(base);
  const outputs = join(folder, 'outputs');
  const merge = (name: string, moment?: KillMoment) =>
    live([PROGRAM, base, adapter, join(outputs, name), 'base'], moment);

  const { durationMs } = await merge('reference');
  const expected = contentOf(join(outputs, 'reference'));
  const seen = { nothing: 0, unfinished: 0, whole: 0 };
  for (const delayMs of randomNumbers(KILLS, durationMs * 1.1)) {
    await merge('killed', { lines: 1, delayMs });
    const names = readdirSync(outputs).filter((name) => name !== 'reference');
    if (names.includes('killed')) {
      seen.whole += 1;
      expect(contentOf(join(outputs, 'killed'))).toBe(expected);
      rmSync(join(outputs, 'killed'), { recursive: true });
    } else {
      seen[names.length > 0 ? 'unfinished' : 'nothing'] += 1;
    }
    expect(contentOf(base)).toBe(original);
  }
  console.log(`${String(KILLS)} kills of a merge of ${durationMs.toFixed(0)} ms: ${JSON.stringify(seen)}`);
  expect(await merge('killed')).toMatchObject({ exitCode: 0 });
  expect(contentOf(join(outputs, 'killed'))).toBe(expected);
  expect(readdirSync(outputs).sort()).toEqual(['killed', 'reference']);
});
