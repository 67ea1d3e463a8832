/** Which modules are adapted: the linear layers of the checkpoint's blocks, and patterns that pick among them. */
import { decoderTensors } from '../checkpoint/config/decoderConfig.ts';
import { encoderLayer } from '../checkpoint/config/encoderTensors.ts';
import type { ModelConfig } from '../checkpoint/config/modelConfig.ts';
import { ExpectedError } from '../errors/expected.ts';

export interface TargetModule {
  /** Such as `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  /** Neurons, d_out. */
  readonly rows: number;
  /** Input connections of each neuron, d_in. */
  readonly columns: number;
}

const LINEAR_WEIGHT = /^(model\.layers\.\d+\..+_proj)\.weight$/;

/** Every linear layer of every block: query, key, value and output projections and those of the MLP, by block. */
export function linearModules(config: ModelConfig): readonly TargetModule[] {
  if (config.family === 'encoder') {
    return Array.from({ length: config.layerCount }, (_, layer) => encoderLayer(config, layer)).flatMap(
      ({ queryKeyValue, attentionOutput, up, down }) =>
        [...queryKeyValue, attentionOutput, up, down].map(({ module, rows, columns }) => ({ module, rows, columns })),
    );
  }
  return decoderTensors(config).flatMap(({ name, shape }) => {
    const module = LINEAR_WEIGHT.exec(name)?.[1];
    const [rows, columns] = shape;
    return module === undefined || rows === undefined || columns === undefined ? [] : [{ module, rows, columns }];
  });
}

/**
 * The modules that at least one pattern matches, in their own order. A pattern matches a module by its whole name or by
 * its last components (`q_proj`, `mlp.up_proj`); `*` stands for any characters, dots included.
 * @throws ExpectedError `selection/noSuchModule` for a pattern that matches nothing
 */
export function matchingModules(
  available: readonly TargetModule[],
  patterns: readonly string[],
): readonly TargetModule[] {
  for (const pattern of patterns) {
    if (available.some(({ module }) => matches(module, pattern))) continue;
    throw new ExpectedError(
      'selection/noSuchModule',
      `${JSON.stringify(pattern)} matches none of the checkpoint's modules, which are ${listed(available)}`,
      'Name modules or write patterns with *, such as "q_proj" or "model.layers.*.mlp.*".',
      { field: 'selection.targetModules' },
    );
  }
  return available.filter(({ module }) => patterns.some((pattern) => matches(module, pattern)));
}

function matches(module: string, pattern: string): boolean {
  const parts = pattern.split('*');
  return globMatches(module, parts) || globMatches(`.${module}`, [`.${parts[0]!}`, ...parts.slice(1)], true);
}

/** Whether `text` is the parts in order with anything between them; with `isSuffix` also with anything before them. */
function globMatches(text: string, parts: readonly string[], isSuffix = false): boolean {
  const all = isSuffix ? ['', ...parts] : parts;
  const last = all.at(-1)!;
  if (all.length === 1) return text === last;
  if (!text.startsWith(all[0]!)) return false;
  let position = all[0]!.length;
  for (const part of all.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}

/** Names with the blocks' numbers folded: `model.layers.0-29.self_attn.q_proj`. */
function listed(modules: readonly TargetModule[]): string {
  const blocks = new Map<string, number[]>();
  for (const { module } of modules) {
    const number = Number(/\d+/.exec(module)?.[0]);
    const folded = module.replace(/\d+/, '#');
    blocks.set(folded, [...(blocks.get(folded) ?? []), number]);
  }
  return [...blocks]
    .map(([folded, numbers]) => {
      const range = numbers.length === 1 ? String(numbers[0]) : `${String(numbers[0])}-${String(numbers.at(-1))}`;
      return folded.replace('#', range);
    })
    .join(', ');
}
