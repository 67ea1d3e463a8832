/**
 * How ModernBERT's layers attend: some everywhere, the others to their neighbours, each kind with its own rotary base. Both
 * spellings of config.json: one number each, and since transformers 5 `layer_types` and nested `rope_parameters`.
 */
import {
  configFields,
  invalidConfig,
  isAbsent,
  isJsonObject,
  unsupportedOption,
  type ConfigFields,
} from './configFields.ts';
import type { EncoderConfig } from './encoderConfig.ts';
import type { StrictJson } from '../strictJson.ts';

const DEFAULT_LOCAL_ATTENTION = 128;
const DEFAULT_GLOBAL_EVERY = 3;
const DEFAULT_THETA = { full_attention: 160_000, sliding_attention: 10_000 } as const;
const OLD_THETA_KEY = { full_attention: 'global_rope_theta', sliding_attention: 'local_rope_theta' } as const;

type LayerType = keyof typeof DEFAULT_THETA;

/** Reads the fields. */
export function parseModernAttention(
  fields: ConfigFields,
  layerCount: number,
): Pick<EncoderConfig, 'positions' | 'reaches'> {
  const width = fields.positiveInteger('local_attention', DEFAULT_LOCAL_ATTENTION);
  const reach = Math.floor(width / 2);
  const scaling = fields.raw('rope_scaling');
  if (!isAbsent(scaling)) throw unsupportedOption(fields.file, 'rope_scaling', scaling, 'no scaling');
  return {
    positions: {
      kind: 'rotary',
      globalTheta: parseTheta(fields, 'full_attention'),
      localTheta: parseTheta(fields, 'sliding_attention'),
    },
    reaches: layerTypes(fields, layerCount).map((type) => (type === 'sliding_attention' ? reach : null)),
  };
}

function layerTypes(fields: ConfigFields, layerCount: number): readonly LayerType[] {
  const every = fields.positiveInteger('global_attn_every_n_layers', DEFAULT_GLOBAL_EVERY);
  const value = fields.raw('layer_types');
  if (isAbsent(value)) {
    return Array.from({ length: layerCount }, (_, layer) =>
      layer % every === 0 ? 'full_attention' : 'sliding_attention',
    );
  }
  if (!Array.isArray(value) || value.length !== layerCount) {
    throw invalidConfig(fields.file, 'layer_types', `a list of ${String(layerCount)} layer types`, value);
  }
  return value.map((type: StrictJson): LayerType => {
    if (type === 'full_attention' || type === 'sliding_attention') return type;
    throw unsupportedOption(fields.file, 'layer_types', type, 'full_attention, sliding_attention');
  });
}

function parseTheta(fields: ConfigFields, type: LayerType): number {
  const old = fields.optionalPositiveNumber(OLD_THETA_KEY[type]);
  const parameters = fields.object('rope_parameters')?.get(type);
  if (isAbsent(parameters)) return old ?? DEFAULT_THETA[type];
  const place = `rope_parameters.${type}`;
  if (!isJsonObject(parameters)) throw invalidConfig(fields.file, place, 'an object', parameters);
  const inner = configFields(parameters, fields.file, `${place}.`);
  const kind = inner.optionalText('rope_type') ?? 'default';
  if (kind !== 'default') throw unsupportedOption(fields.file, `${place}.rope_type`, kind, 'default');
  return inner.positiveNumber('rope_theta', old ?? DEFAULT_THETA[type]);
}
