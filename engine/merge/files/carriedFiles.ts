/** The files of a checkpoint beside its weights: which go over into the merged folder, and which must not. */
import { chmod, constants, copyFile, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { placeOutsideFolder } from '../../checkpoint/folderBoundary.ts';
import { INDEX_FILE } from '../../checkpoint/safetensors/shards.ts';
import { ExpectedError } from '../../errors/expected.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { isTemporaryName } from '../../files/temporaryName.ts';
import { MERGE_RECORD_FILE } from './mergeRecord.ts';

export interface SkippedFile {
  readonly name: string;
  readonly reason: string;
}

export interface CarriedFiles {
  /** Paths relative to the folder, with forward slashes. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  readonly skipped: readonly SkippedFile[];
}

/** Weights in any format: other copies than the merged ones would still be the base's. */
const WEIGHTS =
  /\.(safetensors|bin|pt|pth|ckpt|pkl|gguf|ggml|h5|msgpack|onnx|onnx_data|tflite|npz|ot|mlmodel|mlpackage)(\.index\.json)?$/i;

/** The folders in which transformers looks for files of a model. */
const CARRIED_FOLDERS: readonly string[] = ['additional_chat_templates'];

/**
 * Lists what to carry over: regular files that are no weights.
 * @param weightNames names of the checkpoint's own weight files
 * @throws ExpectedError `merge/outsideFolder` where config.json is a link out of the folder
 */
export async function listCarriedFiles(folder: string, weightNames: ReadonlySet<string>): Promise<CarriedFiles> {
  const names: string[] = [];
  const skipped: SkippedFile[] = [];
  let sizeBytes = 0;
  const consider = async (name: string): Promise<void> => {
    const reason = await reasonToSkip(folder, name, weightNames);
    if (reason !== undefined) {
      skipped.push({ name, reason });
    } else {
      names.push(name);
      sizeBytes += (await stat(join(folder, name))).size;
    }
  };
  for (const name of await namesIn(folder)) {
    if (weightNames.has(name) || name === MERGE_RECORD_FILE || isTemporaryName(name)) continue;
    if (CARRIED_FOLDERS.includes(name) && (await lstat(join(folder, name))).isDirectory()) {
      for (const inner of await namesIn(join(folder, name))) await consider(`${name}/${inner}`);
    } else {
      await consider(name);
    }
  }
  return { names, sizeBytes, skipped };
}

/** Copies one file, as a clone where the file system can; the copy can be written. */
export async function carryFile(from: string, to: string, name: string): Promise<void> {
  const target = join(to, name);
  await explainingErrors(target, async () => {
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(from, name), target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    await chmod(target, (await stat(target)).mode | 0o200);
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return explainingErrors(folder, async () => (await readdir(folder)).sort());
}

async function reasonToSkip(
  folder: string,
  name: string,
  weightNames: ReadonlySet<string>,
): Promise<string | undefined> {
  const isUsedIndex = name === INDEX_FILE && !weightNames.has(name.replace('.index.json', ''));
  if (WEIGHTS.test(name) && !isUsedIndex) return 'weights that are not part of the checkpoint as it is loaded';
  const path = join(folder, name);
  const isLink = (await lstat(path)).isSymbolicLink();
  const place = isLink ? await placeOfLink(folder, name) : undefined;
  if (place !== undefined) {
    if (name === 'config.json') throw outsideFolder(path, place);
    return `a link out of the folder, to ${place}`;
  }
  return (await stat(path)).isFile() ? undefined : 'not a regular file';
}

/** Where a link leads that must not be followed. */
async function placeOfLink(folder: string, name: string): Promise<string | undefined> {
  try {
    return await placeOutsideFolder(folder, name);
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'files/ENOENT') return 'nothing';
    throw error;
  }
}

function outsideFolder(file: string, place: string): ExpectedError {
  const problem = `the file is a link that leads out of the folder, to ${place}`;
  return new ExpectedError('merge/outsideFolder', problem, 'Put the file itself into the folder.', { file });
}
