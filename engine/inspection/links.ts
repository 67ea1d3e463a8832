/** How modules are connected: which neurons make up an input, and which inputs a neuron's output reaches. */
import type { Link } from '../protocol/inspection.ts';
import { formatModuleName, parseModuleName, type Kind, type ModuleName } from './moduleName.ts';

/** What the links depend on beyond names. */
export interface LinkShape {
  readonly layerCount: number;
  /** Sizes of attention; undefined where the base is not known. */
  readonly attention:
    { readonly headCount: number; readonly keyValueHeadCount: number; readonly headSize: number } | undefined;
}

const SHARED_INPUTS: readonly (readonly Kind[])[] = [
  ['q_proj', 'k_proj', 'v_proj'],
  ['gate_proj', 'up_proj'],
];

/** The modules that read the same input, this one first. */
export function sharingInput(module: string): readonly string[] {
  const name = parseModuleName(module);
  const kinds = SHARED_INPUTS.find((shared) => name !== undefined && shared.includes(name.kind));
  if (name === undefined || kinds === undefined) return [module];
  return [module, ...kinds.filter((kind) => kind !== name.kind).map((kind) => formatModuleName(name.layer, kind))];
}

/** The neurons whose outputs make up input `column` of the module, the nearest first. */
export function feedersOf(module: string, column: number, shape: LinkShape): readonly Link[] {
  const name = parseModuleName(module);
  if (name === undefined) return [];
  const { layer, kind } = name;
  switch (kind) {
    case 'down_proj':
      return (['gate_proj', 'up_proj'] as const).map((source) => linkTo({ layer, kind: source }, column, 'gate'));
    case 'o_proj':
      return valueNeuron(column, shape).map((row) => linkTo({ layer, kind: 'v_proj' }, row, 'attention'));
    case 'gate_proj':
    case 'up_proj':
      return [linkTo({ layer, kind: 'o_proj' }, column, 'residual'), ...residualBefore(layer, column)];
    case 'q_proj':
    case 'k_proj':
    case 'v_proj':
      return residualBefore(layer, column);
  }
}

/** The inputs that the output of neuron `row` reaches next. */
export function readersOf(module: string, row: number, shape: LinkShape): readonly Link[] {
  const name = parseModuleName(module);
  if (name === undefined) return [];
  const { layer, kind } = name;
  switch (kind) {
    case 'gate_proj':
    case 'up_proj':
      return [linkTo({ layer, kind: 'down_proj' }, row, 'gate')];
    case 'v_proj':
      return outputColumns(row, shape).map((column) => linkTo({ layer, kind: 'o_proj' }, column, 'attention'));
    case 'o_proj':
      return (['gate_proj', 'up_proj'] as const).map((reader) => linkTo({ layer, kind: reader }, row, 'residual'));
    case 'down_proj':
      if (layer + 1 >= shape.layerCount) return [];
      return SHARED_INPUTS[0]!.map((reader) => linkTo({ layer: layer + 1, kind: reader }, row, 'residual'));
    case 'q_proj':
    case 'k_proj':
      return [];
  }
}

/** Every layer before adds to the residual stream: its MLP's output, and before it its attention's. */
function residualBefore(layer: number, feature: number): readonly Link[] {
  return Array.from({ length: layer }, (_, distance) => layer - 1 - distance).flatMap((earlier) =>
    (['down_proj', 'o_proj'] as const).map((kind) => linkTo({ layer: earlier, kind }, feature, 'residual')),
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

function linkTo({ layer, kind }: ModuleName, index: number, path: Link['path']): Link {
  return { module: formatModuleName(layer, kind), index, path };
}
