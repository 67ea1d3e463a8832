/** Questions to a fresh inspection, and adapters on golden checkpoints to ask about. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { writeAdapter } from '../../engine/adapter/adapter.ts';
import { createInspection } from '../../engine/inspection/inspection.ts';
import type { InspectionMethod, InspectionRequests } from '../../engine/protocol/connections/inspection.ts';
import type { SelectionOptions } from '../../engine/selection/selection.ts';
import { sampleAdapterOf, temporaryFolder } from '../adapter/sampleAdapter.ts';

/** Asks one question. */
export type Ask = <M extends InspectionMethod>(
  method: M,
  params: InspectionRequests[M]['params'],
) => Promise<InspectionRequests[M]['result']>;

/** Questions to one inspection, closed at the end of the test. */
export function newInspection(): Ask {
  const inspection = createInspection();
  onTestFinished(inspection.close);
  return (method, params) => inspection.table[method](params, new AbortController().signal, () => undefined);
}

export async function disposableFolder(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An adapter on the golden checkpoint of this name, written to a folder of its own. */
export async function writtenAdapter(
  name: string,
  options?: Partial<SelectionOptions>,
  delta?: (entry: number) => number,
): Promise<string> {
  const folder = join(await disposableFolder(), 'adapter');
  const { config, modules } = await sampleAdapterOf(name, options, delta);
  await writeAdapter(folder, config, modules);
  return folder;
}
