/** Whole-file writes that a reader, a crash or a kill sees either entirely or not at all. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { syncParent } from './durability.ts';
import { writeExactly } from './positionalAccess.ts';
import { explainingErrors } from './systemError.ts';
import { temporarySibling } from './temporaryName.ts';

/**
 * Writes the file through `fill`, which gets a handle on a temporary sibling; it takes the name `path` only when it is
 * complete and on disk. Where `fill` throws, the sibling is removed and what was at `path` stays.
 */
export async function fillFileAtomically(path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> {
  await explainingErrors(path, async () => {
    const temporary = temporarySibling(path);
    const handle = await open(temporary, 'wx');
    try {
      try {
        await fill(handle);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncParent(path);
  });
}

/** Replaces the content of `path`, or creates it; text is written as UTF-8. */
export async function writeFileAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await fillFileAtomically(path, (handle) => writeExactly(handle, bytes, 0));
}
