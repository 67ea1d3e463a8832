/** Which layers attend through a sliding window, as each model type of transformers decides it. */
import { invalidConfig, isAbsent, unsupportedOption, type ConfigFields } from './configFields.ts';
import type { ModelType } from './decoderConfig.ts';
import type { StrictJson } from '../strictJson.ts';

const MISTRAL_DEFAULT_WINDOW = 4096;
const QWEN_DEFAULT_WINDOW = 4096;
const QWEN_DEFAULT_MAX_WINDOW_LAYERS = 28;

type LayerType = 'full_attention' | 'sliding_attention';

/** The window of each layer; null where it sees everything before it. */
export function parseSlidingWindows(
  fields: ConfigFields,
  modelType: ModelType,
  layerCount: number,
): readonly (number | null)[] {
  const layerTypes = parseLayerTypes(fields, layerCount);
  switch (modelType) {
    case 'llama':
      return allLayers(fields, layerTypes, layerCount, null);
    case 'mistral':
      return allLayers(fields, layerTypes, layerCount, windowSize(fields, MISTRAL_DEFAULT_WINDOW));
    case 'qwen2':
    case 'qwen3':
      return qwenLayers(fields, layerTypes, layerCount);
  }
}

function qwenLayers(
  fields: ConfigFields,
  layerTypes: readonly LayerType[] | null,
  layerCount: number,
): readonly (number | null)[] {
  const size = windowSize(fields, QWEN_DEFAULT_WINDOW);
  const window = fields.boolean('use_sliding_window', false) ? size : null;
  const firstWindowLayer = fields.raw('max_window_layers') ?? QWEN_DEFAULT_MAX_WINDOW_LAYERS;
  if (typeof firstWindowLayer !== 'number' || !Number.isSafeInteger(firstWindowLayer) || firstWindowLayer < 0) {
    throw invalidConfig(fields.file, 'max_window_layers', 'a whole number', firstWindowLayer);
  }
  return Array.from({ length: layerCount }, (_, layer) => {
    const isSliding = layerTypes === null ? layer >= firstWindowLayer : layerTypes[layer] === 'sliding_attention';
    if (isSliding && window === null && layerTypes !== null) {
      throw invalidConfig(fields.file, 'sliding_window', 'a size, since layer_types has sliding_attention', null);
    }
    return isSliding ? window : null;
  });
}

/** Model types whose layers are all alike; `layer_types` may only say the same. */
function allLayers(
  fields: ConfigFields,
  layerTypes: readonly LayerType[] | null,
  layerCount: number,
  window: number | null,
): readonly (number | null)[] {
  const expected: LayerType = window === null ? 'full_attention' : 'sliding_attention';
  const other = layerTypes?.find((type) => type !== expected);
  if (other !== undefined) throw unsupportedOption(fields.file, 'layer_types', other, `${expected} in every layer`);
  return new Array<number | null>(layerCount).fill(window);
}

function windowSize(fields: ConfigFields, defaultSize: number): number | null {
  if (fields.raw('sliding_window') === undefined) return defaultSize;
  return fields.optionalPositiveInteger('sliding_window');
}

function parseLayerTypes(fields: ConfigFields, layerCount: number): readonly LayerType[] | null {
  const value = fields.raw('layer_types');
  if (isAbsent(value)) return null;
  if (!Array.isArray(value) || value.length !== layerCount) {
    throw invalidConfig(fields.file, 'layer_types', `a list of ${String(layerCount)} layer types`, value);
  }
  return value.map((item: StrictJson): LayerType => {
    if (item === 'attention' || item === 'full_attention') return 'full_attention';
    if (item === 'sliding_attention') return item;
    throw unsupportedOption(fields.file, 'layer_types', item, 'full_attention, sliding_attention');
  });
}
