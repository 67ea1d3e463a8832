/** A base checkpoint as a source of connections: what would be selected, module by module as it is asked for. */
import { basename } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { CheckpointSource, ModuleDescription } from '../../protocol/connections/connectionSource.ts';
import { selectConnections } from '../../selection/selection.ts';
import { linearModules } from '../../selection/targetModules.ts';
import { moduleEntries } from '../entries/moduleEntries.ts';
import { parseModuleName } from '../entries/moduleName.ts';
import { gridOf, refuseModule } from './fileSource.ts';
import type { OpenSource } from './openSource.ts';

/** Magnitude strategies draw no random numbers. */
const SEED = 0;

/** @throws ExpectedError `checkpoint/…`, `inspection/invalidK`, `files/…` */
export async function openCheckpointSource(source: CheckpointSource): Promise<OpenSource> {
  const { folder, k, strategy } = source;
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new ExpectedError('inspection/invalidK', `expected a whole number from 1 on, found ${k}`, 'Give another k.', {
      field: 'k',
    });
  }
  const checkpoint = await openCheckpoint(folder);
  const modules = describeModules(checkpoint, k);
  return {
    description: {
      ...{ source, name: basename(folder), modelType: checkpoint.config.modelType, base: folder, strategy, k },
      ...gridOf(modules),
      totalParameters: checkpoint.parameterCount,
      hasDeltas: false,
    },
    base: checkpoint,
    async readEntries(module, signal) {
      if (!modules.some((described) => described.module === module)) refuseModule(module, folder);
      const options = { strategy, k, neuronShare: 1, gradientBatches: 0, targetModules: [module] };
      const selection = await selectConnections(checkpoint, options, SEED, { signal });
      return moduleEntries(selection.modules[0]!, null);
    },
    close: () => checkpoint.close(),
  };
}

function describeModules(checkpoint: Checkpoint, wantedK: number): readonly ModuleDescription[] {
  return linearModules(checkpoint.config).map(({ module, rows, columns }) => {
    const { dtype, byteLength } = checkpoint.tensor(`${module}.weight`).entry;
    const k = Math.min(wantedK, columns);
    return {
      ...{
        module,
        ...parseModuleName(module)!,
        rows,
        columns,
        shapeFrom: 'base',
        participatingNeurons: rows,
        k,
        dtype,
      },
      selected: rows * k,
      rowBytes: byteLength / rows,
    };
  });
}
