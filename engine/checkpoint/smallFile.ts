/** The small text files of a checkpoint folder: size-bounded, strict UTF-8, within the folder, errors that name the file. */
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ExpectedError } from '../errors/expected.ts';
import { readExactly } from '../files/positionalAccess.ts';
import { openRegularFile } from '../files/regularFile.ts';
import { explainingErrors } from '../files/systemError.ts';
import { isJsonObject, type JsonObject } from './config/configFields.ts';
import { refuseLinkOut } from './folderBoundary.ts';
import { parseStrictJson, StrictJsonError, type StrictJson } from './strictJson.ts';

/** The largest tokenizers are near 40 MB. */
const SIZE_LIMIT_BYTES = 256 << 20;

/** An object as JSON.parse gives it. */
export type PlainObject = Readonly<Record<string, unknown>>;

export function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The file's text, or undefined where there is no such file. */
export async function readOptionalText(path: string): Promise<string | undefined> {
  const bytes = await readOptionalBytes(path);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidFile(path, 'the file is not valid UTF-8', error);
  }
}

/** The file's JSON object, or undefined where there is no such file. */
export async function readOptionalJson(path: string): Promise<JsonObject | undefined> {
  const text = await readOptionalText(path);
  if (text === undefined) return undefined;
  const value = parseJson(text, path);
  if (isJsonObject(value)) return value;
  throw invalidFile(path, 'expected a JSON object');
}

/**
 * The file's JSON object as plain data, or undefined where there is no such file. For the files of the tokenizer, which
 * its library reads; the last of duplicate keys counts.
 */
export async function readOptionalPlainJson(path: string): Promise<PlainObject | undefined> {
  const text = await readOptionalText(path);
  if (text === undefined) return undefined;
  const value = parsePlainJson(text, path);
  if (isPlainObject(value)) return value;
  throw invalidFile(path, 'expected a JSON object');
}

function parsePlainJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidFile(path, `expected JSON: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

async function readOptionalBytes(path: string): Promise<Uint8Array | undefined> {
  return explainingErrors(path, async () => {
    const handle = await openInside(path);
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      if (size > SIZE_LIMIT_BYTES) {
        throw invalidFile(path, `${String(size)} bytes, expected at most ${String(SIZE_LIMIT_BYTES)}`);
      }
      const bytes = new Uint8Array(size);
      await readExactly(handle, bytes, 0, path);
      return bytes;
    } finally {
      await handle.close();
    }
  });
}

/** Undefined where there is no such file. */
async function openInside(path: string): Promise<FileHandle | undefined> {
  try {
    await refuseLinkOut(dirname(path), basename(path));
    return await openRegularFile(path);
  } catch (error) {
    if (error instanceof ExpectedError && error.code === 'files/ENOENT') return undefined;
    throw error;
  }
}

function parseJson(text: string, path: string): StrictJson {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw invalidFile(path, `the JSON has ${error.message}`, error, text.slice(0, error.position).split('\n').length);
  }
}

/** The error for a file of the folder that cannot be read as what it should be; `line` counts from 1. */
export function invalidFile(path: string, problem: string, cause?: unknown, line?: number): ExpectedError {
  const fix = 'Correct the file or fetch it again.';
  const place = line === undefined ? { file: path } : { file: path, line };
  return new ExpectedError('checkpoint/invalidFile', problem, fix, place, cause);
}
