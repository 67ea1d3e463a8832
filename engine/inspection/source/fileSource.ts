/** A source whose selection stands in a safetensors file: what adapters, selections and runs have in common. */
import type { Allocate, SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { ADAPTER_TENSORS, ENTRY_TENSORS } from '../../protocol/runs/adapter.ts';
import type { ModuleDescription, SourceDescription } from '../../protocol/connections/connectionSource.ts';
import {
  bindToBase,
  invalidTensor,
  modulesInFile,
  readSelectedEntries,
  requireTensor,
} from '../../selection/selectionTensors.ts';
import { readEntries } from '../../selection/entryTensors.ts';
import { linearModules } from '../../selection/targetModules.ts';
import { moduleEntries, scatteredEntries } from '../entries/moduleEntries.ts';
import { compareModuleNames, KINDS, parseModuleName } from '../entries/moduleName.ts';
import type { BaseAccess } from './baseAccess.ts';
import { shapeOf, shapesFromEntries, shapesOf, type ModuleShapes } from './moduleShapes.ts';
import type { OpenSource } from './openSource.ts';

export interface FileSourceParts {
  /** The file with indices and originals; the source closes it. */
  readonly file: SafetensorsFile;
  /** Undefined where no base is named. */
  readonly base: BaseAccess | undefined;
  /** Where the base does not tell the shapes. */
  readonly shapes: ModuleShapes | undefined;
  readonly about: Pick<
    SourceDescription,
    'source' | 'name' | 'modelType' | 'base' | 'strategy' | 'k' | 'totalParameters'
  >;
  /** Told the modules with their counts in the order of the forward pass; null for sources without deltas. */
  readonly openDeltas: ((modules: readonly ModuleDescription[]) => Promise<DeltaReader>) | null;
}

/** The deltas of a module [selected], in the order of its entries. */
export interface DeltaReader {
  read(module: ModuleDescription, allocate?: Allocate): Promise<Float32Array>;
}

/** On failure everything that the parts hold is closed. */
export async function openFileSource(parts: FileSourceParts): Promise<OpenSource> {
  const { file, base } = parts;
  const close = async (): Promise<void> => {
    base?.lease?.release();
    await file.close();
  };
  try {
    const modules = await describeModules(parts);
    const deltas = await parts.openDeltas?.(modules);
    return fileSource(parts, modules, deltas, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function fileSource(
  { file, base, about }: FileSourceParts,
  modules: readonly ModuleDescription[],
  deltas: DeltaReader | undefined,
  close: () => Promise<void>,
): OpenSource {
  const byName = new Map(modules.map((module) => [module.module, module]));
  return {
    description: {
      ...about,
      ...(base?.problem === undefined ? {} : { baseProblem: base.problem }),
      ...gridOf(modules),
      hasDeltas: deltas !== undefined,
    },
    base: base?.lease?.value,
    async readEntries(module, _signal, allocate) {
      const described = byName.get(module) ?? refuseModule(module, file.path);
      if (hasScatteredEntries(file, module)) {
        const { rows, columns } = described;
        const stored = await readEntries(file, `${module}.weight`, rows * columns);
        return scatteredEntries({ module, rows, columns, ...stored }, (await deltas?.read(described)) ?? null);
      }
      const selected = bindToBase(await readSelectedEntries(file, module, allocate), described, file.path);
      return moduleEntries(selected, (await deltas?.read(described, allocate)) ?? null, allocate);
    },
    close,
  };
}

/** What a description says of the modules together. */
export function gridOf(
  modules: readonly ModuleDescription[],
): Pick<SourceDescription, 'modules' | 'kinds' | 'layers' | 'selected'> {
  return {
    modules,
    kinds: KINDS.filter((kind) => modules.some((module) => module.kind === kind)),
    layers: [...new Set(modules.map(({ layer }) => layer))],
    selected: modules.reduce((total, { selected }) => total + selected, 0),
  };
}

/** The error for a module that the source does not have. */
export function refuseModule(module: string, file: string): never {
  const problem = 'has no selected connections of this module';
  throw new ExpectedError('inspection/noSuchModule', problem, 'Choose another module.', { file, tensor: module });
}

async function describeModules(parts: FileSourceParts): Promise<readonly ModuleDescription[]> {
  const { file, base } = parts;
  const names = moduleNames(file).map((module) => {
    const name = parseModuleName(module);
    if (name === undefined) {
      throw invalidTensor(file.path, module, 'expected a linear layer of a block of a supported model');
    }
    return { module, ...name };
  });
  names.sort(compareModuleNames);
  const config = base?.lease?.value.config;
  const shapes =
    (config === undefined ? parts.shapes : shapesOf(linearModules(config), 'base')) ??
    (await shapesFromEntries(
      file,
      names.map(({ module }) => module),
    ));
  return names.map(({ module, layer, kind }) => {
    const { rows, columns } = shapeOf(shapes, module, file.path);
    const { participatingNeurons, k, selected, dtype } = hasScatteredEntries(file, module)
      ? scatteredShape(file, module, rows)
      : selectedShape(file, module);
    return {
      ...{ module, layer, kind, rows, columns, shapeFrom: shapes.shapeFrom, participatingNeurons, k, selected, dtype },
      rowBytes: columns * (dtype === 'F32' ? 4 : 2),
    };
  });
}

/** In files of entries the names are those of the weights. */
function moduleNames(file: SafetensorsFile): readonly string[] {
  const suffixes = [...new Set([...Object.values(ADAPTER_TENSORS), ...Object.values(ENTRY_TENSORS)])];
  return modulesInFile(file, suffixes).map((name) => name.replace(/\.weight$/, ''));
}

type EntriesShape = Pick<ModuleDescription, 'participatingNeurons' | 'k' | 'selected' | 'dtype'>;

function selectedShape(file: SafetensorsFile, module: string): EntriesShape {
  const indices = requireTensor(file, module + ADAPTER_TENSORS.indices, ['U16', 'I32']);
  const [participatingNeurons, k] = indices.shape;
  if (indices.shape.length !== 2 || participatingNeurons === undefined || k === undefined) {
    throw invalidTensor(
      file.path,
      indices.name,
      `expected the shape [neurons, k], found [${indices.shape.join(', ')}]`,
    );
  }
  const { dtype } = requireTensor(file, module + ADAPTER_TENSORS.originals, ['F32', 'F16', 'BF16'], indices.shape);
  return { participatingNeurons, k, selected: participatingNeurons * k, dtype };
}

/** Which neurons have entries is not told by headers: as if all had, and as many as they have on average. */
function scatteredShape(file: SafetensorsFile, module: string, rows: number): EntriesShape {
  const { shape } = requireTensor(file, `${module}.weight${ENTRY_TENSORS.positions}`, ['I32']);
  const [selected = 0] = shape;
  const original = `${module}.weight${ENTRY_TENSORS.originals}`;
  const { dtype } = requireTensor(file, original, ['F32', 'F16', 'BF16'], [selected]);
  return { participatingNeurons: rows, k: Number((selected / rows).toFixed(2)), selected, dtype };
}

/** Whether a module's entries lie anywhere in its matrix, and not k to each neuron. */
export function hasScatteredEntries(file: SafetensorsFile, module: string): boolean {
  return file.tensors.has(`${module}.weight${ENTRY_TENSORS.positions}`);
}
