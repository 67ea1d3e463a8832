/** Names of modules taken apart, and their order along the forward pass. */

/** Linear layers of a block in the order of the forward pass, which is the order of a training state's deltas, too. */
export const KINDS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;

export type Kind = (typeof KINDS)[number];

export interface ModuleName {
  readonly layer: number;
  readonly kind: Kind;
}

const MODULE_NAME = /^model\.layers\.(\d{1,6})\.(?:self_attn\.([qkvo]_proj)|mlp\.((?:gate|up|down)_proj))$/;

/** Undefined for a name that is none of a supported architecture. */
export function parseModuleName(module: string): ModuleName | undefined {
  const match = MODULE_NAME.exec(module);
  if (match === null) return undefined;
  return { layer: Number(match[1]), kind: (match[2] ?? match[3]) as Kind };
}

export function formatModuleName(layer: number, kind: Kind): string {
  const part = KINDS.indexOf(kind) < KINDS.indexOf('gate_proj') ? 'self_attn' : 'mlp';
  return `model.layers.${layer}.${part}.${kind}`;
}

/** By layer, then by kind. */
export function compareModuleNames(a: ModuleName, b: ModuleName): number {
  return a.layer - b.layer || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
}
