/** The rotary options of config.json, in the style of transformers 5 (`rope_parameters`) and in the older one. */
import type { ConfigFields } from './configFields.ts';
import type { RopeScaling } from './decoderConfig.ts';

const DEFAULT_THETA = 10000;
const SUPPORTED_TYPES = '"default", "linear" and "llama3"';

/** @param maxPositions of the model, which llama3 scaling falls back to */
export function readRope(
  fields: ConfigFields,
  maxPositions: number,
): { readonly ropeTheta: number; readonly ropeScaling: RopeScaling } {
  const parameters = fields.object('rope_parameters');
  const outerTheta = fields.number('rope_theta', DEFAULT_THETA);
  const ropeTheta = parameters === undefined ? outerTheta : parameters.number('rope_theta', outerTheta);
  const scaling = parameters ?? fields.object('rope_scaling');
  return { ropeTheta, ropeScaling: scaling === undefined ? { kind: 'none' } : readScaling(scaling, maxPositions) };
}

function readScaling(fields: ConfigFields, maxPositions: number): RopeScaling {
  const partial = fields.raw('partial_rotary_factor');
  if (partial !== undefined && partial !== 1) throw fields.unsupported('partial_rotary_factor', partial, '1');
  const type = fields.string('rope_type', fields.string('type', 'default'));
  switch (type) {
    case 'default':
      return { kind: 'none' };
    case 'linear':
      return { kind: 'linear', factor: fields.number('factor') };
    case 'llama3':
      return {
        kind: 'llama3',
        factor: fields.number('factor'),
        lowFrequencyFactor: fields.number('low_freq_factor'),
        highFrequencyFactor: fields.number('high_freq_factor'),
        originalMaxPositions: fields.integer('original_max_position_embeddings', maxPositions),
      };
    default:
      throw fields.unsupported('rope_type', type, SUPPORTED_TYPES);
  }
}
