/** An open adapter of any format as changes of the checkpoint's tensors. */
import { join } from 'node:path';
import { openAdapter } from '../../adapter/adapter.ts';
import { readAdapterAbout, type AdapterAbout } from '../../adapter/adapterAbout.ts';
import { openChangesAdapter } from '../../adapter/changesAdapter.ts';
import { openLoraAdapter, type LowRankModule } from '../../adapter/loraAdapter.ts';
import type { ExpectedTensor } from '../../checkpoint/config/expectedTensor.ts';
import { expectedTensors, type ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import type { Allocate } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { ADAPTER_FILES } from '../../protocol/runs/runFolder.ts';
import type { TargetModule } from '../../selection/targetModules.ts';
import { entriesOf } from './moduleEntries.ts';
import { entryChange, type TensorChange } from './tensorChange.ts';

export interface AdapterChanges {
  readonly folder: string;
  readonly about: AdapterAbout;
  /** Names of the tensors that it changes. */
  readonly tensors: ReadonlySet<string>;
  /**
   * @param tensor as the base has it
   * @param allocate for what is read of selected connections
   * @throws ExpectedError `selection/invalidTensor`
   */
  readonly readChange: (tensor: ExpectedTensor, allocate?: Allocate) => Promise<TensorChange>;
  readonly close: () => Promise<void>;
}

/** @throws ExpectedError `adapter/…`, `selection/invalidTensor`, `checkpoint/corruptHeader`, `files/…` */
export async function openAdapterChanges(folder: string): Promise<AdapterChanges> {
  const about = await readAdapterAbout(folder);
  switch (about.format) {
    case 'selected': {
      const adapter = await openAdapter(folder);
      return {
        folder,
        about,
        tensors: weightsOf(adapter.modules),
        readChange: async (tensor, allocate) => ({
          kind: 'entries',
          entries: entriesOf(await adapter.readModule(targetOf(tensor), allocate), allocate),
        }),
        close: adapter.close,
      };
    }
    case 'changes': {
      const { tensors, readChange, close } = await openChangesAdapter(folder);
      return {
        ...{ folder, about, tensors, close },
        readChange: async (tensor) => {
          const change = await readChange(tensor);
          return change.kind === 'values' ? change : entryChange(change);
        },
      };
    }
    case 'lora': {
      const adapter = await openLoraAdapter(folder);
      return {
        ...{ folder, about, close: adapter.close, tensors: weightsOf(adapter.modules) },
        readChange: async (tensor) => {
          const factors = await adapter.readModule(targetOf(tensor));
          return { kind: 'sum', deltas: lowRankProduct(factors, factors.scale) };
        },
      };
    }
  }
}

function weightsOf(modules: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...modules].map((module) => `${module}.weight`));
}

function targetOf({ name, shape: [rows = 1, columns = 1] }: ExpectedTensor): TargetModule {
  return { module: name.replace(/\.weight$/, ''), rows, columns };
}

/** scale B A [rows, columns], each entry summed in double precision and rounded once. */
export function lowRankProduct({ rows, columns, rank, a, b }: LowRankModule, scale: number): Float32Array {
  const product = new Float32Array(rows * columns);
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row += 1) {
    sums.fill(0);
    for (let r = 0; r < rank; r += 1) {
      const factor = b[row * rank + r]!;
      for (let column = 0; column < columns; column += 1) sums[column]! += factor * a[r * columns + column]!;
    }
    for (let column = 0; column < columns; column += 1) product[row * columns + column] = scale * sums[column]!;
  }
  return product;
}

/**
 * The tensors that the adapter changes, in the base's order.
 * @throws ExpectedError `adapter/otherArchitecture` where it changes one that the base does not have
 */
export function changedTensors({ folder, tensors }: AdapterChanges, config: ModelConfig): readonly ExpectedTensor[] {
  const available = expectedTensors(config);
  const names = new Set(available.map(({ name }) => name));
  const unknown = [...tensors].find((tensor) => !names.has(tensor));
  if (unknown !== undefined) {
    throw new ExpectedError(
      'adapter/otherArchitecture',
      `the adapter changes ${unknown}, which the base does not have`,
      'Take the base checkpoint that the adapter was trained on.',
      { file: join(folder, ADAPTER_FILES.model), tensor: unknown },
    );
  }
  return available.filter(({ name }) => tensors.has(name));
}
