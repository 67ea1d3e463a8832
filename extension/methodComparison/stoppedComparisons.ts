/** Comparisons of the workspace that were stopped before their report was written. */
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { workspace } from 'vscode';
import { COMPARISON_FILES } from '../../engine/protocol/comparison.ts';

const FILE_LIMIT = 200;

/** Their folders, the newest name first. */
export async function stoppedComparisons(): Promise<readonly string[]> {
  const files = await workspace.findFiles(`**/${COMPARISON_FILES.request}`, '**/node_modules/**', FILE_LIMIT);
  const folders = files.map(({ fsPath }) => dirname(fsPath));
  const hasReport = await Promise.all(folders.map((folder) => isThere(join(folder, COMPARISON_FILES.report))));
  return folders
    .filter((_, index) => hasReport[index] !== true)
    .toSorted((a, b) => (basename(a) < basename(b) ? 1 : -1));
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
