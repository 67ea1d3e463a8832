/** The text files that tell a checkpoint's element type, rewritten for weights that were widened to F32. */
import { ExpectedError } from '../../errors/expected.ts';

/** `dtype` since transformers 5, `torch_dtype` before. */
const DTYPE_FIELD = /("(?:torch_)?dtype"\s*:\s*)(?:"[^"\\]*"|null)/g;

/**
 * config.json with its element type set to float32, and nothing else changed.
 * @throws ExpectedError `merge/unexpectedConfig` where the text does not allow it
 */
export function widenedConfig(text: string, file: string): string {
  const config = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const field = 'dtype' in config ? 'dtype' : 'torch_dtype';
  const changed =
    field in config
      ? text.replaceAll(DTYPE_FIELD, '$1"float32"')
      : text.replace('{', `{\n  "${field}": "float32"${Object.keys(config).length > 0 ? ',' : ''}`);
  const found = (JSON.parse(changed) as Readonly<Record<string, unknown>>)[field];
  if (found === 'float32') return changed;
  const fix = 'Write the element type as a plain string, such as "bfloat16".';
  throw new ExpectedError('merge/unexpectedConfig', `could not set ${field} to float32`, fix, { file, field });
}

/** The index of shards with the total size of the widened tensors. */
export function widenedIndex(text: string, totalBytes: number): string {
  const index = JSON.parse(text) as { metadata?: { total_size?: number } };
  if (index.metadata?.total_size === undefined) return text;
  index.metadata.total_size = totalBytes;
  return `${JSON.stringify(index, null, 2)}\n`;
}
