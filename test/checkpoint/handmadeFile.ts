/** Safetensors files byte by byte, as no writer would make them, for tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that goes when the test file is through. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'neuroada-checkpoint-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Length prefix, header and data as they are given. */
export function handmade(header: string | Uint8Array, data: Uint8Array | number = 0, length?: bigint): Buffer {
  const json = typeof header === 'string' ? Buffer.from(header) : Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length ?? BigInt(json.byteLength));
  return Buffer.concat([prefix, json, typeof data === 'number' ? Buffer.alloc(data) : data]);
}

let count = 0;

export function writeInto(folder: string, bytes: Uint8Array, name?: string): string {
  const path = join(folder, name ?? `${String((count += 1))}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}

/** Changes one byte of the file; a negative position counts from the end. Doing it twice changes nothing. */
export async function flipByte(path: string, position: number): Promise<void> {
  const handle = await open(path, 'r+');
  const { size } = await handle.stat();
  const at = position < 0 ? size + position : position;
  const byte = new Uint8Array(1);
  await handle.read(byte, 0, 1, at);
  await handle.write(Uint8Array.of((byte[0] ?? 0) ^ 1), 0, 1, at);
  await handle.close();
}
