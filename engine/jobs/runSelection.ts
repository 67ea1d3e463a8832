/** The selection of a run: made once, written into its folder, and read from there when the run is resumed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { systemErrorCode } from '../files/systemError.ts';
import type { SelectionEvent } from '../protocol/events.ts';
import { RUN_FILES } from '../protocol/runFolder.ts';
import type { SelectionStatistics } from '../protocol/selectionStatistics.ts';
import type { Selection } from '../selection/selection.ts';
import { readSelection } from '../selection/selectionFile.ts';

/** The selection that the folder holds; undefined where it was never finished: its statistics are written last. */
export async function finishedSelection(folder: string, checkpoint: Checkpoint): Promise<Selection | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, RUN_FILES.selectionStatistics), 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return {
    modules: await readSelection(folder, checkpoint.config),
    statistics: JSON.parse(text) as SelectionStatistics,
  };
}

/** The event that tells what was selected. */
export function selectionEvent(statistics: SelectionStatistics): Omit<SelectionEvent, 'time'> {
  const { strategy, k, trainableParameters, totalParameters, trainableShare } = statistics;
  return { type: 'selection', strategy, k, trainableParameters, totalParameters, trainableShare };
}
