/** How modules are connected: which neurons make up an input, and which inputs a neuron's output reaches. */
import type { Link } from '../../protocol/connections/inspection.ts';
import { moduleWithRole, parseModule, type ParsedModule, type Role } from '../entries/moduleName.ts';

/** What the links depend on beyond names. */
export interface LinkShape {
  readonly layerCount: number;
  /** Sizes of attention; undefined where the base is not known. */
  readonly attention:
    { readonly headCount: number; readonly keyValueHeadCount: number; readonly headSize: number } | undefined;
}

const SHARED_INPUTS: readonly (readonly Role[])[] = [
  ['query', 'key', 'value'],
  ['gate', 'up'],
];

/** The modules that read the same input, this one first. */
export function sharingInput(module: string): readonly string[] {
  const name = parseModule(module);
  const roles = SHARED_INPUTS.find((shared) => name?.role !== undefined && shared.includes(name.role));
  if (name === undefined || roles === undefined) return [module];
  const others = roles.filter((role) => role !== name.role).map((role) => moduleWithRole(name, name.layer, role));
  return [module, ...others.filter((other) => other !== undefined)];
}

/** The neurons whose outputs make up input `column` of the module, the nearest first. */
export function feedersOf(module: string, column: number, shape: LinkShape): readonly Link[] {
  const name = parseModule(module);
  if (name === undefined) return [];
  const { layer } = name;
  switch (name.role) {
    case 'down':
      return linksTo(name, layer, ['gate', 'up'], column, 'gate');
    case 'attentionOutput':
      return valueNeuron(column, shape).flatMap((row) => linksTo(name, layer, ['value'], row, 'attention'));
    case 'gate':
    case 'up':
      return [...linksTo(name, layer, ['attentionOutput'], column, 'residual'), ...residualBefore(name, column)];
    case 'query':
    case 'key':
    case 'value':
      return residualBefore(name, column);
    case undefined:
      return [];
  }
}

/** The inputs that the output of neuron `row` reaches next. */
export function readersOf(module: string, row: number, shape: LinkShape): readonly Link[] {
  const name = parseModule(module);
  if (name === undefined) return [];
  const { layer } = name;
  switch (name.role) {
    case 'gate':
    case 'up':
      return linksTo(name, layer, ['down'], row, 'gate');
    case 'value':
      return outputColumns(row, shape).flatMap((column) =>
        linksTo(name, layer, ['attentionOutput'], column, 'attention'),
      );
    case 'attentionOutput':
      return linksTo(name, layer, ['gate', 'up'], row, 'residual');
    case 'down':
      return layer + 1 >= shape.layerCount ? [] : linksTo(name, layer + 1, ['query', 'key', 'value'], row, 'residual');
    case 'query':
    case 'key':
    case undefined:
      return [];
  }
}

/** Every layer before adds to the residual stream: its MLP's output, and before it its attention's. */
function residualBefore(name: ParsedModule, feature: number): readonly Link[] {
  return Array.from({ length: name.layer }, (_, distance) => name.layer - 1 - distance).flatMap((earlier) =>
    linksTo(name, earlier, ['down', 'attentionOutput'], feature, 'residual'),
  );
}

/** Each key and value head serves headCount / keyValueHeadCount query heads. */
function valueNeuron(column: number, { attention }: LinkShape): readonly number[] {
  if (attention === undefined) return [];
  const { headCount, keyValueHeadCount, headSize } = attention;
  const head = Math.floor(column / headSize);
  const valueHead = Math.floor(head / (headCount / keyValueHeadCount));
  return [valueHead * headSize + (column % headSize)];
}

function outputColumns(row: number, { attention }: LinkShape): readonly number[] {
  if (attention === undefined) return [];
  const { headCount, keyValueHeadCount, headSize } = attention;
  const shared = headCount / keyValueHeadCount;
  const firstHead = Math.floor(row / headSize) * shared;
  return Array.from({ length: shared }, (_, head) => (firstHead + head) * headSize + (row % headSize));
}

/** Links to those of the modules with these roles that the architecture has. */
function linksTo(
  from: ParsedModule,
  layer: number,
  roles: readonly Role[],
  index: number,
  path: Link['path'],
): readonly Link[] {
  return roles
    .map((role) => moduleWithRole(from, layer, role))
    .filter((module) => module !== undefined)
    .map((module) => ({ module, index, path }));
}
