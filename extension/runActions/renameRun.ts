/** Renaming a run: its name in the record changes, its folder stays where others expect it. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { l10n, window } from 'vscode';
import { RUN_FILES, type RunRecord } from '../../engine/protocol/runs/runFolder.ts';
import type { Run } from '../runs/run.ts';

const LONGEST_NAME = 100;

export async function renameRun(run: Run): Promise<void> {
  const name = await window.showInputBox({
    title: l10n.t('Rename Run'),
    value: run.identity.name,
    validateInput: (value) => {
      const length = value.trim().length;
      return length === 0 || length > LONGEST_NAME
        ? l10n.t('A name has 1 to {0} characters.', LONGEST_NAME)
        : undefined;
    },
  });
  if (name === undefined || name.trim() === run.identity.name) return;
  await writeName(run, name.trim());
}

async function writeName(run: Run, name: string): Promise<void> {
  const file = join(run.folder, run.identity.hasRecord ? RUN_FILES.record : RUN_FILES.request);
  const record = JSON.parse(await readFile(file, 'utf8')) as RunRecord;
  const temporary = `${file}.renaming`;
  await writeFile(temporary, `${JSON.stringify({ ...record, name }, undefined, 2)}\n`);
  await rename(temporary, file);
}
