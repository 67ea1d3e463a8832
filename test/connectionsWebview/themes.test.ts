/** Tests the view's pages for people who cannot use them as everybody does, in every theme; and the table of tensors. */
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { plainTensors } from '../inspection/plainReading.ts';
import { writeRun } from '../inspection/runOnDisk.ts';
import { faultsOfAccess } from '../webview/access.ts';
import { THEME_KINDS } from '../webview/editorTheme.ts';
import { ConnectionsFixture, goTo, K, MODULE, shownNumber, sourceOf, SUITE, WAIT } from './connectionsFixture.ts';

describe('the Connections view in every theme', SUITE, () => {
  const fixture = new ConnectionsFixture();

  async function expectAccessible(what: string): Promise<void> {
    for (const theme of THEME_KINDS) {
      await fixture.view.setTheme(theme);
      expect(await faultsOfAccess(fixture.view.page), `${what}, ${theme}`).toEqual([]);
    }
  }

  test('hinders nobody in any theme: overview, matrix and inspector, as picture and as table', async () => {
    const page = await fixture.openMatrix();
    await goTo(page, { row: 4, column: 4 });
    await page.locator('.inspector tbody tr').first().waitFor();
    await expectAccessible('matrix');
    await page.getByRole('button', { name: 'Show as a Table' }).click();
    await page.locator('.matrix-main tbody tr').first().waitFor();
    await expectAccessible('connections');
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.locator('.overview tbody tr').first().waitFor();
    await expectAccessible('measures');
    await page.getByRole('button', { name: 'Show as a Table' }).click();
    await page.locator('.cell').first().waitFor();
    await expectAccessible('overview');
  });

  test('hinders nobody in any theme: two sources, and the matrix of the second', async () => {
    const shape = { steps: [10, 40], k: K, seed: 7, strategy: 'random', isFinished: true } as const;
    const other = await writeRun(join(fixture.folder, 'other'), 'llama', shape);
    const page = await fixture.open([sourceOf(fixture.run), sourceOf(other)]);
    await page.locator('.moved tbody tr').first().waitFor();
    await expectAccessible('comparison');
    await page.getByRole('tab', { name: 'Matrix' }).click();
    await page.getByRole('group', { name: 'Layer' }).getByRole('button', { name: 'Δ' }).click();
    await page.getByRole('group', { name: 'Source' }).getByRole('button').last().click();
    await expectAccessible('matrix of the second source');
  });

  test('lists the tensors of any other file, with statistics on demand', async () => {
    const path = join(ARCHITECTURES, 'llama', 'model.safetensors');
    const page = await fixture.open({ kind: 'file', path });
    const name = `${MODULE}.weight`;
    await page.getByRole('searchbox', { name: 'Filter' }).fill('layers.0 q_proj');
    await vi.waitFor(async () => expect(await page.locator('tbody tr').count()).toBe(1), WAIT);
    await page.getByRole('button', { name: `Statistics of ${name}` }).click();
    const card = page.getByRole('complementary', { name: 'Statistics' });
    const values = plainTensors(path).get(name)!.numbers;
    await card.getByText('Largest').waitFor();
    await expectAccessible('tensors');
    const facts = await card.locator('dd').allInnerTexts();
    expect(shownNumber(facts[0]!)).toBe(values.length);
    expect(shownNumber(facts[1]!)).toBeCloseTo(Math.min(...values), 5);
    expect(shownNumber(facts[2]!)).toBeCloseTo(Math.max(...values), 5);
  });
});
