/** Tests the progress view in a browser for runs in every state, alone and compared, in every theme. */
import { rm } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import type { ProgressState } from '../../engine/protocol/webview.ts';
import { answers } from '../vscode/fakeVscode.ts';
import { faultsOfAccess } from '../webview/access.ts';
import { THEME_KINDS } from '../webview/editorTheme.ts';
import { stepsOf } from './eventLines.ts';
import { ProgressFixture, STEPS, SUITE } from './progressFixture.ts';
import { shownFigures } from './shownFigures.ts';
import { ReplayedRun } from './trainedRun.ts';

describe('runs in the progress view', SUITE, () => {
  const fixture = new ProgressFixture('first', 'second');

  test('follows a run that trains, and tells its end to a screen reader once', async () => {
    const run = await ReplayedRun.of(fixture.recorded('first'), fixture.recorded('live'));
    await run.advance(0);
    const { page } = await fixture.open([run.folder]);
    await page.locator('.waiting').waitFor();
    expect(await page.locator('neuroada-plot').count()).toBe(0);
    for (const step of [1, 9, 20]) {
      await run.advance(step);
      await fixture.host.store.refresh(run.folder);
      await page.locator('.step-text', { hasText: `Step ${step} of ${STEPS}` }).waitFor();
      const loss = stepsOf(await fixture.logOf('live'))
        .at(-1)!
        .loss.toPrecision(4);
      await vi.waitFor(async () => expect((await fixture.readings('loss'))[0]).toBe(loss), 5_000);
    }
    expect(await page.locator('[role=status]').innerText()).toBe('');
    await run.finish();
    await fixture.host.store.refresh(run.folder);
    await vi.waitFor(
      async () => expect(await page.locator('[role=status]').innerText()).toBe('Support desk: Finished'),
      5_000,
    );
  });

  test('compares runs: curves told apart, differences of their configurations, removal', async () => {
    const { page } = await fixture.open([fixture.recorded('first'), fixture.recorded('second')], { width: 1280 });
    expect(await page.locator('.card-name').allInnerTexts()).toEqual(['Support desk', 'Support desk, k = 4']);
    const lines = page.locator('.legend .swatch line');
    expect(await lines.nth(0).getAttribute('stroke')).not.toBe(await lines.nth(1).getAttribute('stroke'));
    expect(await lines.nth(0).getAttribute('stroke-dasharray')).not.toBe(
      await lines.nth(1).getAttribute('stroke-dasharray'),
    );
    const fields = page.locator('.comparison-table tbody th code');
    expect(await fields.allInnerTexts()).toEqual(['selection.k', 'training.seed']);
    await page.locator('.comparison neuroada-checkbox').click();
    await vi.waitFor(async () => expect(await fields.count()).toBeGreaterThan(10), 5_000);
    expect(await page.locator('tr.is-different [role=img]').count()).toBe(2);
    expect(await fixture.readings('gradNorm')).toHaveLength(2);
    await page.getByRole('button', { name: 'Remove Support desk from This View', exact: true }).click();
    await vi.waitFor(async () => expect(await page.locator('.card-name').allInnerTexts()).toHaveLength(1), 5_000);
    expect((fixture.view.savedState() as ProgressState).runIds).toEqual([fixture.recorded('second')]);
  });

  test('adds a run that the native quick pick was answered with', async () => {
    const { page } = await fixture.open([fixture.recorded('first')]);
    await fixture.host.store.refresh(fixture.recorded('second'));
    answers.picked = () => true;
    await page.getByRole('button', { name: 'Add Run…' }).click();
    await page.locator('.legend').waitFor();
    expect(fixture.host.panel.folders).toEqual([fixture.recorded('first'), fixture.recorded('second')]);
  });

  test('says why a run failed and offers what to do', async () => {
    const run = await ReplayedRun.of(fixture.recorded('first'), fixture.recorded('failed'));
    await run.advance(12);
    await run.fail('the loss became NaN at step 13: lower training.learningRate');
    const { page } = await fixture.open([run.folder]);
    expect(await page.locator('.banner p').innerText()).toContain('the loss became NaN at step 13');
    await page.locator('.banner neuroada-button', { hasText: 'Resume' }).click();
    await page.locator('.banner neuroada-button', { hasText: 'Open Log' }).click();
    await vi.waitFor(
      () => expect(fixture.host.actions).toEqual(['resume Support desk', 'openLog Support desk']),
      5_000,
    );
  });

  describe.each(THEME_KINDS)('in the theme %s', (theme) => {
    test.each([
      ['narrow', 420],
      ['wide', 1440],
    ])('has nothing that hinders access, %s', async (name, width) => {
      const shot = (state: string) => ({
        path: `.screenshots/progress-${state}-${theme}-${name}.png`,
        fullPage: true,
      });
      const { page } = await fixture.open([fixture.recorded('first')], { theme, width, height: 1000 });
      await vi.waitFor(async () => expect(await fixture.colorfulPixels('loss')).toBeGreaterThan(150), 10_000);
      await page.locator('.chart-loss neuroada-plot').focus();
      await page.keyboard.press('End');
      for (let press = 0; press < 12; press += 1) await page.keyboard.press('ArrowLeft');
      await page.screenshot(shot('run'));
      expect(await faultsOfAccess(page)).toEqual([]);
      await page.getByRole('button', { name: 'Table' }).click();
      await page.locator('.figures-table').waitFor();
      await page.screenshot(shot('table'));
      expect(await faultsOfAccess(page)).toEqual([]);
      await page.getByRole('button', { name: 'Charts' }).click();
      await fixture.host.store.refresh(fixture.recorded('second'));
      answers.picked = () => true;
      await page.getByRole('button', { name: 'Add Run…' }).click();
      await page.locator('.legend').waitFor();
      await page.locator('.comparison neuroada-checkbox').waitFor();
      await page.mouse.move(2, 2);
      await page.screenshot(shot('comparison'));
      expect(await faultsOfAccess(page)).toEqual([]);
    });
  });

  test.each([
    ['queued', 'Queued, place 1'],
    ['selecting', 'Selecting connections'],
    ['failed', 'Failed'],
    ['interrupted', 'Interrupted'],
    ['gone', 'This Run Is No Longer There'],
  ] as const)('stands for a run without steps: %s', async (state, title) => {
    const run = await ReplayedRun.of(fixture.recorded('first'), fixture.recorded(`no-steps-${state}`));
    if (state === 'selecting') {
      await run.claim();
      await run.begin('selecting');
    } else if (state === 'failed' || state === 'interrupted') await run.advance(0);
    if (state === 'failed') await run.fail('cannot read data/train.jsonl, line 3: not JSON');
    if (state === 'gone') await rm(run.folder, { recursive: true });
    await fixture.show([run.folder], { theme: 'light', width: 900, height: 600 });
    const place = { runFolder: run.folder, entryName: '1', device: 'cpu', resume: false, queuedTime: 0 };
    if (state === 'queued') fixture.host.store.setQueue([{ ...place, schemaVersion: 1 }]);
    await fixture.view.page.locator('.waiting-title', { hasText: title }).waitFor();
    await fixture.view.page.screenshot({ path: `.screenshots/progress-${state}-light.png` });
    expect(await faultsOfAccess(fixture.view.page)).toEqual([]);
  });

  test('shows a run in training with its time left and a way to stop it', async () => {
    const run = await ReplayedRun.of(fixture.recorded('second'), fixture.recorded('training'));
    await run.claim();
    await run.advance(23);
    const { page } = await fixture.open([run.folder], { width: 1000 });
    expect(await page.locator('.card-status').innerText()).toBe('Training');
    expect(Object.keys(await shownFigures(page))).toEqual(
      expect.arrayContaining([
        'Loss',
        'Best Evaluation',
        'Time Left',
        'Elapsed',
        'Epoch',
        'Speed',
        'Memory',
        'Trainable',
      ]),
    );
    await vi.waitFor(async () => expect(await fixture.colorfulPixels('memoryBytes')).toBeGreaterThan(100), 10_000);
    await page.screenshot({ path: '.screenshots/progress-training-dark.png' });
    await page.getByRole('button', { name: 'Stop: Support desk, k = 4' }).click();
    await vi.waitFor(() => expect(fixture.host.actions).toEqual(['stop Support desk, k = 4']), 5_000);
  });
});
