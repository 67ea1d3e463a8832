/** Weight files that are not safetensors: refused, each with the way to convert it. Nothing of them is ever loaded. */
import { basename } from 'node:path';
import { ExpectedError } from '../../errors/expected.ts';

/** Formats that can run any code when they are loaded. */
const PICKLE = /\.(bin|pt|pth|ckpt|pkl)$/i;
const GGUF = /\.gguf$/i;

const CONVERT_PICKLE =
  "Convert it once where transformers is installed and you trust the file, in the checkpoint's folder: " +
  'python -c "from transformers import AutoModelForCausalLM as M, AutoTokenizer as T; ' +
  "M.from_pretrained('.').save_pretrained('safetensors'); T.from_pretrained('.').save_pretrained('safetensors')\", " +
  'then use the new folder "safetensors".';

/** The error for `path` where its name is that of a foreign weight format. */
export function foreignWeights(path: string): ExpectedError | undefined {
  if (PICKLE.test(path)) {
    const problem = 'expected safetensors weights, found a pickle, which can run any code when it is loaded';
    return new ExpectedError('checkpoint/pickle', problem, CONVERT_PICKLE, { file: path });
  }
  if (GGUF.test(path)) {
    const problem = 'expected safetensors weights, found GGUF, which holds no trainable checkpoint';
    const fix = 'Fetch the checkpoint that the GGUF file was made from.';
    return new ExpectedError('checkpoint/gguf', problem, fix, { file: path });
  }
  return undefined;
}

/** The error for a folder without weights, from the names of what is in it. */
export function missingWeights(
  folder: string,
  names: readonly string[],
  join: (name: string) => string,
): ExpectedError {
  for (const name of [...names].sort()) {
    const foreign = foreignWeights(join(name));
    if (foreign !== undefined) return foreign;
  }
  const isAdapter = names.includes('adapter_config.json');
  const fix = isAdapter
    ? 'This folder is an adapter: give the folder of its base checkpoint.'
    : 'Give the folder of a Hugging Face checkpoint: config.json, *.safetensors and tokenizer.json.';
  const problem = `${basename(folder)} has neither model.safetensors nor model.safetensors.index.json`;
  return new ExpectedError('checkpoint/noWeights', problem, fix, { file: folder });
}
