/** Tests the inspector in a browser: from neurons to inputs and other modules, and back. */
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ARCHITECTURES } from '../adapter/sampleAdapter.ts';
import { plainMatrix } from '../inspection/plainReading.ts';
import { ConnectionsFixture, goTo, MODULE, shownNumber, sourceOf, SUITE, WAIT } from './connectionsFixture.ts';

describe('the inspector', SUITE, () => {
  const fixture = new ConnectionsFixture();

  test('inspects a neuron, jumps to an input and back to another neuron, and follows a link', async () => {
    const page = await fixture.openMatrix();
    const { row } = fixture.connections[0]!;
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill(String(row));
    await page.getByRole('button', { name: 'Go' }).click();
    const neuron = page.getByRole('region', { name: `Neuron ${row}`, exact: true });
    await neuron.locator('tbody tr').first().waitFor();
    const own = fixture.connections.filter((connection) => connection.row === row).sort((a, b) => a.column - b.column);
    const inputs = await neuron.locator('tbody td:first-child').allInnerTexts();
    expect(inputs.map(Number)).toEqual(own.map(({ column }) => column));
    const weights = await neuron.locator('tbody td:nth-child(2)').allInnerTexts();
    for (const [index, text] of weights.entries()) expect(shownNumber(text)).toBeCloseTo(own[index]!.weight, 3);
    const matrix = plainMatrix(join(ARCHITECTURES, 'llama'), `${MODULE}.weight`);
    const ranks = await neuron.locator('tbody td:nth-child(6)').allInnerTexts();
    const magnitudes = matrix[row]!.map(Math.abs).sort((a, b) => b - a);
    for (const [index, text] of ranks.entries())
      expect(magnitudes[Number(text) - 1]).toBe(Math.abs(own[index]!.weight));
    await neuron.getByRole('button', { name: `Show input ${own[1]!.column}` }).click();
    const input = page.getByRole('region', { name: `Input ${own[1]!.column}`, exact: true });
    const choosers = fixture.connections
      .filter(({ column }) => column === own[1]!.column)
      .map((connection) => connection.row);
    await input.locator('tbody tr').first().waitFor();
    const listed = await input.locator('details').first().locator('tbody td:first-child').allInnerTexts();
    expect(listed.map(Number).sort((a, b) => a - b)).toEqual([...choosers].sort((a, b) => a - b));
    await input.locator('details').first().locator('tbody button').last().click();
    await vi.waitFor(
      () => expect(fixture.state.selected).toEqual({ row: Number(listed.at(-1)), column: own[1]!.column }),
      WAIT,
    );
    await page.getByRole('combobox', { name: 'Module' }).selectOption('model.layers.0.mlp.gate_proj');
    await page.getByRole('spinbutton', { name: 'Neuron' }).fill('2');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('button', { name: 'Layer 0 · down_proj · input 2' }).click();
    await vi.waitFor(
      () => expect(fixture.state).toMatchObject({ module: 'model.layers.0.mlp.down_proj', selected: { column: 2 } }),
      WAIT,
    );
  });

  test('goes back the way that links led, and forth again', async () => {
    const page = await fixture.open([sourceOf(fixture.run)]);
    const back = page.getByRole('button', { name: 'Back (Alt+Left)' });
    const forward = page.getByRole('button', { name: 'Forward (Alt+Right)' });
    expect(await back.isDisabled()).toBe(true);
    await page.locator('[data-module="model.layers.0.mlp.gate_proj"]').click();
    await goTo(page, { row: 2 });
    await page.getByRole('button', { name: 'Layer 0 · down_proj · input 2' }).click();
    const followed = { module: 'model.layers.0.mlp.down_proj', selected: { column: 2 } };
    await vi.waitFor(() => expect(fixture.state).toMatchObject(followed), WAIT);
    await page.keyboard.press('Alt+ArrowLeft');
    const left = { module: 'model.layers.0.mlp.gate_proj', selected: { row: 2 } };
    await vi.waitFor(() => expect(fixture.state).toMatchObject(left), WAIT);
    await page.getByRole('region', { name: 'Neuron 2', exact: true }).waitFor();
    await forward.click();
    await vi.waitFor(() => expect(fixture.state).toMatchObject(followed), WAIT);
    for (let step = 0; step < 3; step += 1) await back.click();
    await vi.waitFor(() => expect(fixture.state.page).toBe('overview'), WAIT);
    await vi.waitFor(async () => expect(await back.isDisabled()).toBe(true), WAIT);
    // Where there is nothing to go back to, the key is the editor's.
    const isTheEditors = page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          window.addEventListener('keydown', (event) => resolve(!event.defaultPrevented), { once: true });
        }),
    );
    await page.keyboard.press('Alt+ArrowLeft');
    expect(await isTheEditors).toBe(true);
  });
});
