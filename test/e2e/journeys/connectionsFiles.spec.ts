/** Files opened from the explorer as connections: an adapter, a base checkpoint, any other tensors; and a run that trains. */
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRun } from '../../inspection/runOnDisk.ts';
import { expect, test } from '../journey.ts';
import { LONG, startRun, writeConfiguration } from '../sampleRun.ts';
import { moduleCells } from '../workbench/connectionsView.ts';
import { expandFolders, explorerAction, explorerRow, openExplorer } from '../workbench/explorer.ts';
import { answer, waitForInputBox } from '../workbench/palette.ts';
import { openRunsView, runAction, runRow } from '../workbench/runsView.ts';
import { inEachTheme } from '../workbench/themes.ts';
import { expectAccessible, webview } from '../workbench/webview.ts';
import { editorTab } from '../workbench/workbench.ts';

/** Layers by linear modules of each. */
const GOLDEN_MODULES = 2 * 7;
const SAMPLE_MODULES = 5 * 7;

test('open files from the explorer: an adapter, a checkpoint, any other tensors', async ({
  workbench: page,
  sample,
}) => {
  await writeRun(join(sample, 'runs/small'), 'llama', { steps: [10], k: 2, isFinished: true });
  await cp(join(sample, 'checkpoint/model.safetensors'), join(sample, 'other.safetensors'));
  const view = webview(page);
  await openExplorer(page);
  await expandFolders(page, ['runs', 'adapter']);
  await explorerRow(page, 'adapter_model.safetensors').dblclick();
  await expect(editorTab(page, 'adapter_model.safetensors')).toBeVisible();
  await expect(moduleCells(page)).toHaveCount(GOLDEN_MODULES);

  await explorerAction(page, 'checkpoint', 'NeuroAda: Inspect Connections');
  await waitForInputBox(page, /^\d+$/);
  await answer(page, '4');
  await expect(editorTab(page, 'Connections of checkpoint')).toBeVisible();
  await expect(moduleCells(page)).toHaveCount(SAMPLE_MODULES);
  await expect(view.getByRole('spinbutton', { name: 'Connections per neuron' })).toHaveValue('4');
  await expect(moduleCells(page).last()).toHaveText(/\d/);
  await inEachTheme(page, 'connections-checkpoint', () => expectAccessible(page));

  await explorerRow(page, 'other.safetensors').dblclick();
  await view.getByRole('searchbox', { name: 'Filter' }).fill('embed');
  const statistics = view.getByRole('button', { name: 'Statistics of model.embed_tokens.weight' });
  await statistics.click();
  await expect(view.getByRole('complementary', { name: 'Statistics' })).toContainText('Largest');
  await inEachTheme(page, 'tensors', () => expectAccessible(page));
});

test('follow the connections of a run while it trains', async ({ workbench: page, sample }) => {
  const run = await writeConfiguration(sample, 'live', { training: { ...LONG, checkpointEvery: 10 } });
  await startRun(page, sample, 'live');
  await expect.poll(() => existsSync(join(run, 'checkpoints/step-000010')), { timeout: 120_000 }).toBe(true);
  await openRunsView(page);
  await runAction(page, runRow(page, 'live'), 'Inspect Connections');
  const slider = webview(page).getByRole('slider', { name: 'Checkpoint' });
  await expect(slider).toBeVisible();
  const step = await slider.getAttribute('aria-valuetext');
  const figures = await moduleCells(page).first().textContent();
  await expect(slider).not.toHaveAttribute('aria-valuetext', step!, { timeout: 120_000 });
  await expect(moduleCells(page).first()).not.toHaveText(figures!);
  await inEachTheme(page, 'connections-live', () => expectAccessible(page));
});
