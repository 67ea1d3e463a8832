/** Tests the overview in a browser: its measures, its slider over a run's checkpoints, and what it says where nothing can be shown. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { formatEventLine } from '../../engine/protocol/runs/eventLine.ts';
import { plainConnections, plainTensors } from '../inspection/plainReading.ts';
import { addCheckpoint, writeRun } from '../inspection/runOnDisk.ts';
import { adapterOf, ConnectionsFixture, K, MODULE, shownNumber, sourceOf, SUITE, WAIT } from './connectionsFixture.ts';

describe('the overview', SUITE, () => {
  const fixture = new ConnectionsFixture();

  test('shows the measures of every module as the files have them', async () => {
    const page = await fixture.open([sourceOf(fixture.run)]);
    await page.getByRole('button', { name: 'Show as a Table' }).click();
    const tensors = plainTensors(adapterOf(fixture.run));
    const row = page.locator('tbody tr').first();
    await vi.waitFor(async () => expect(await row.innerText()).not.toContain('…'), WAIT);
    const names = await page.locator('thead th').allInnerTexts();
    expect(await page.locator('tbody tr').count()).toBe(14);
    for (const [index, title] of (await page.locator('tbody th').allInnerTexts()).entries()) {
      const [, layer, kind] = /^Layer (\d+) · (\w+)$/.exec(title)!;
      const block = /^(q|k|v|o)_/.test(kind!) ? 'self_attn' : 'mlp';
      const own = plainConnections(tensors, `model.layers.${layer}.${block}.${kind}`);
      const cells = await page.locator('tbody tr').nth(index).locator('td').allInnerTexts();
      const figure = (name: string): number => shownNumber(cells[names.indexOf(name) - 1]!);
      const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(figure('Selected connections')).toBe(own.length);
      expect(figure('Mean |W|')).toBeCloseTo(mean(own.map(({ weight }) => Math.abs(weight))), 3);
      expect(figure('Mean |Δ|')).toBeCloseTo(mean(own.map(({ delta }) => Math.abs(delta))), 3);
      expect(figure('Largest |Δ|')).toBeCloseTo(Math.max(...own.map(({ delta }) => Math.abs(delta))), 3);
      const flips = own.filter(({ weight, delta }) => weight * (weight + delta) < 0).length;
      expect(figure('Sign flips')).toBe(flips);
    }
  });

  test('slides over the checkpoints, plays them, and follows a run that trains on', async () => {
    const growing = await writeRun(join(fixture.folder, 'growing'), 'llama', {
      steps: [10, 20],
      k: K,
      isFinished: false,
    });
    const page = await fixture.open([sourceOf(growing)]);
    const cell = page.locator(`[data-module="${MODULE}"]`);
    const at = async (): Promise<number> => shownNumber(await cell.innerText());
    await vi.waitFor(async () => expect(await at()).toBeGreaterThan(0), WAIT);
    const newest = await at();
    const blanks = await countBlanks(page, `[data-module="${MODULE}"]`);
    const slider = page.getByRole('slider', { name: 'Checkpoint' });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await vi.waitFor(async () => expect(await at()).toBeCloseTo(newest * Math.sqrt(1 / 2), 3), WAIT);
    expect(fixture.state.followsNewest).toBe(false);
    await page.getByRole('button', { name: 'Play the Checkpoints' }).click();
    await vi.waitFor(async () => expect(await at()).toBeCloseTo(newest, 3), WAIT);
    await page.getByRole('button', { name: 'Play the Checkpoints' }).waitFor();
    expect(fixture.state.followsNewest).toBe(true);
    await addCheckpoint(growing, 40);
    const event = { type: 'checkpoint', time: 3, step: 40, path: 'checkpoints/step-000040' } as const;
    await appendFile(join(growing.folder, 'events.jsonl'), formatEventLine(event));
    await fixture.host.store.refresh(growing.folder);
    await vi.waitFor(async () => expect(await page.locator('.moments output').innerText()).toBe('Step 40'), WAIT);
    await vi.waitFor(async () => expect(await at()).toBeCloseTo(newest * Math.sqrt(2), 3), WAIT);
    // While a moment was read, the figures of the one before stood.
    expect(await blanks()).toBe(0);
  });

  test('says in words why nothing can be shown', async () => {
    const page = await fixture.open([{ kind: 'adapter', folder: join(fixture.folder, 'nowhere') }]);
    await page.getByRole('alert').waitFor();
    expect(await page.locator('h1').innerText()).toBe('Connections Cannot Be Shown');
    expect((await page.getByRole('alert').innerText()).length).toBeGreaterThan(40);
  });
});

/** How often the element was seen without text since this was called. */
async function countBlanks(page: Page, selector: string): Promise<() => Promise<number>> {
  const counter = await page.evaluateHandle((watched) => {
    const seen = { blanks: 0 };
    const look = (): void => {
      if (document.querySelector(watched)?.textContent.trim() === '') seen.blanks += 1;
    };
    new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
    return seen;
  }, selector);
  return () => counter.evaluate(({ blanks }) => blanks);
}
