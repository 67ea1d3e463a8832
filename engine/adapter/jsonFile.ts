/** `adapter_config.json` as text from a hostile file. */
import { ExpectedError } from '../errors/expected.ts';
import { readExactly } from '../files/positionalAccess.ts';
import { openRegularFile } from '../files/regularFile.ts';
import { explainingErrors } from '../files/systemError.ts';

/** Larger files are no configuration. */
const SIZE_LIMIT_BYTES = 1 << 20;

/** @throws ExpectedError `adapter/invalidConfig`, `files/…` */
export async function readAdapterJson(file: string): Promise<unknown> {
  const text = await readSmallText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidConfig(file, `expected JSON: ${(error as Error).message}`, undefined, error);
  }
}

async function readSmallText(file: string): Promise<string> {
  return explainingErrors(file, async () => {
    const handle = await openRegularFile(file);
    try {
      const { size } = await handle.stat();
      if (size > SIZE_LIMIT_BYTES)
        throw invalidConfig(file, `expected at most ${SIZE_LIMIT_BYTES} bytes, found ${size}`);
      const bytes = new Uint8Array(size);
      await readExactly(handle, bytes, 0, file);
      return new TextDecoder().decode(bytes);
    } finally {
      await handle.close();
    }
  });
}

/** The error for a configuration that is not as its format says. */
export function invalidConfig(file: string, problem: string, field?: string, cause?: unknown): ExpectedError {
  const fix = 'Give an adapter that NeuroAda wrote, or a LoRA adapter of PEFT; if it is one, the file is damaged.';
  const place = field === undefined || field === '' ? { file } : { file, field };
  return new ExpectedError('adapter/invalidConfig', problem, fix, place, cause);
}
