/** Names of modules taken apart, and their order along the forward pass. */

/** What a linear layer is for in its block, where links depend on it. */
export type Role = 'query' | 'key' | 'value' | 'attentionOutput' | 'gate' | 'up' | 'down';

/** One kind of linear layer: its short name, its name within a block, and its role. */
interface KindName {
  readonly kind: string;
  readonly part: string;
  /** Undefined where one matrix has several. */
  readonly role: Role | undefined;
}

/** How the modules of an architecture are named. */
interface Style {
  /** What stands before the number of a block. */
  readonly stem: RegExp;
  /** In the order of the forward pass, which is the order of a training state's deltas, too. */
  readonly kinds: readonly KindName[];
}

const named = (kind: string, part: string, role?: Role): KindName => ({ kind, part, role });

const STYLES: readonly Style[] = [
  {
    stem: /^model\.layers$/,
    kinds: [
      named('q_proj', 'self_attn.q_proj', 'query'),
      named('k_proj', 'self_attn.k_proj', 'key'),
      named('v_proj', 'self_attn.v_proj', 'value'),
      named('o_proj', 'self_attn.o_proj', 'attentionOutput'),
      named('gate_proj', 'mlp.gate_proj', 'gate'),
      named('up_proj', 'mlp.up_proj', 'up'),
      named('down_proj', 'mlp.down_proj', 'down'),
    ],
  },
  {
    stem: /^(?:(?:bert|roberta)\.)?encoder\.layer$/,
    kinds: [
      named('query', 'attention.self.query', 'query'),
      named('key', 'attention.self.key', 'key'),
      named('value', 'attention.self.value', 'value'),
      named('attention.output', 'attention.output.dense', 'attentionOutput'),
      named('intermediate', 'intermediate.dense', 'up'),
      named('output', 'output.dense', 'down'),
    ],
  },
  {
    stem: /^(?:distilbert\.)?transformer\.layer$/,
    kinds: [
      named('q_lin', 'attention.q_lin', 'query'),
      named('k_lin', 'attention.k_lin', 'key'),
      named('v_lin', 'attention.v_lin', 'value'),
      named('out_lin', 'attention.out_lin', 'attentionOutput'),
      named('lin1', 'ffn.lin1', 'up'),
      named('lin2', 'ffn.lin2', 'down'),
    ],
  },
  {
    stem: /^(?:model\.)?layers$/,
    kinds: [
      named('Wqkv', 'attn.Wqkv'),
      named('attn.Wo', 'attn.Wo', 'attentionOutput'),
      named('Wi', 'mlp.Wi'),
      named('mlp.Wo', 'mlp.Wo', 'down'),
    ],
  },
];

/** Every kind, in the order of the forward pass. */
export const KINDS: readonly string[] = STYLES.flatMap(({ kinds }) => kinds.map(({ kind }) => kind));

export interface ModuleName {
  readonly layer: number;
  readonly kind: string;
}

/** A name that others of its architecture can be made from. */
export interface ParsedModule extends ModuleName {
  readonly stem: string;
  readonly role: Role | undefined;
}

const MODULE_NAME = /^([a-z.]*layers?)\.(\d{1,6})\.([\w.]+)$/;

/** Undefined for a name that is none of a supported architecture. */
export function parseModule(module: string): ParsedModule | undefined {
  const [, stem = '', layer, part] = MODULE_NAME.exec(module) ?? [];
  for (const style of STYLES) {
    const found = style.stem.test(stem) ? style.kinds.find((kind) => kind.part === part) : undefined;
    if (found !== undefined) return { stem, layer: Number(layer), kind: found.kind, role: found.role };
  }
  return undefined;
}

/** Layer and kind; undefined for a name that is none of a supported architecture. */
export function parseModuleName(module: string): ModuleName | undefined {
  const parsed = parseModule(module);
  return parsed === undefined ? undefined : { layer: parsed.layer, kind: parsed.kind };
}

/** The module with this role in a block of the same model; undefined where the architecture has none of its own. */
export function moduleWithRole({ stem, kind }: ParsedModule, layer: number, role: Role): string | undefined {
  const style = STYLES.find(
    (candidate) => candidate.stem.test(stem) && candidate.kinds.some((own) => own.kind === kind),
  );
  const part = style?.kinds.find((own) => own.role === role)?.part;
  return part === undefined ? undefined : `${stem}.${String(layer)}.${part}`;
}

/** By layer, then by kind. */
export function compareModuleNames(a: ModuleName, b: ModuleName): number {
  return a.layer - b.layer || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
}
