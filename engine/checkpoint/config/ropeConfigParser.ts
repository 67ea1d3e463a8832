/**
 * Rotary settings of config.json in both spellings: `rope_theta` beside `rope_scaling`, and `rope_parameters` of
 * transformers 5. As there, `rope_scaling` goes first where both are present.
 */
import { configFields, isAbsent, unsupportedOption, type ConfigFields, type JsonObject } from './configFields.ts';
import type { DecoderConfig, RopeScaling } from './decoderConfig.ts';

const DEFAULT_THETA = 10_000;
const SUPPORTED = 'default, linear, llama3';

type RopeConfig = Pick<DecoderConfig, 'ropeTheta' | 'ropeScaling'>;

/** Reads the fields; appends to `warnings` what has no effect. */
export function parseRopeConfig(fields: ConfigFields, maxPositions: number, warnings: string[]): RopeConfig {
  const scaling = fields.object('rope_scaling');
  const parameters = fields.object('rope_parameters');
  const [name, object] =
    scaling !== null && scaling.size > 0 ? ['rope_scaling', scaling] : ['rope_parameters', parameters];
  const outerTheta = fields.positiveNumber('rope_theta', DEFAULT_THETA);
  const outerOriginal = fields.optionalPositiveInteger('original_max_position_embeddings');
  refusePartialRotary(fields, '');
  if (object === null || object.size === 0) return { ropeTheta: outerTheta, ropeScaling: { kind: 'none' } };
  refuseNested(object, name, fields.file);
  const inner = configFields(object, fields.file, `${name}.`);
  refusePartialRotary(inner, `${name}.`);
  const rope = {
    ropeTheta: inner.positiveNumber('rope_theta', outerTheta),
    ropeScaling: parseScaling(inner, name, outerOriginal, maxPositions),
  };
  for (const key of inner.unreadKeys()) {
    warnings.push(`${name}.${key} has no effect on this kind of rotary embedding and is ignored`);
  }
  return rope;
}

function parseScaling(
  fields: ConfigFields,
  name: string,
  outerOriginal: number | null,
  maxPositions: number,
): RopeScaling {
  const oldType = fields.optionalText('type');
  const type = fields.optionalText('rope_type') ?? oldType ?? 'default';
  switch (type) {
    case 'default':
      return { kind: 'none' };
    case 'linear':
      return { kind: type, factor: fields.positiveNumber('factor') };
    case 'llama3': {
      const innerOriginal = fields.optionalPositiveInteger('original_max_position_embeddings');
      const scaling = {
        kind: type,
        factor: fields.positiveNumber('factor'),
        lowFrequencyFactor: fields.positiveNumber('low_freq_factor'),
        highFrequencyFactor: fields.positiveNumber('high_freq_factor'),
        originalMaxPositions: outerOriginal ?? innerOriginal ?? maxPositions,
      } as const;
      if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
        const supported = `a number above low_freq_factor (${String(scaling.lowFrequencyFactor)})`;
        throw unsupportedOption(fields.file, `${name}.high_freq_factor`, scaling.highFrequencyFactor, supported);
      }
      return scaling;
    }
    default:
      throw unsupportedOption(fields.file, `${name}.rope_type`, type, SUPPORTED);
  }
}

function refusePartialRotary(fields: ConfigFields, prefix: string): void {
  const share = fields.raw('partial_rotary_factor');
  if (!isAbsent(share) && share !== 1) {
    throw unsupportedOption(fields.file, `${prefix}partial_rotary_factor`, share, '1');
  }
}

/** transformers 5 can hold one set of parameters for each kind of layer. */
function refuseNested(object: JsonObject, name: string, file: string): void {
  for (const [key, value] of object) {
    if (value instanceof Map) {
      throw unsupportedOption(file, `${name}.${key}`, value, 'one set of rotary parameters for all layers');
    }
  }
}
