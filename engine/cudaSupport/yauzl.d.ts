/** The part of yauzl's interface that is used here; the package comes without types. */
declare module 'yauzl' {
  import type { Readable } from 'node:stream';

  export interface Entry {
    readonly fileName: string;
    readonly uncompressedSize: number;
    /** Of entries made on Unix, the upper half is the file's mode. */
    readonly externalFileAttributes: number;
    isEncrypted(): boolean;
  }

  export interface ZipFile {
    /** Every entry, its name checked against absolute paths and `..`. */
    eachEntry(): AsyncIterable<Entry>;
    /** Fails where the content has another size than the entry says. */
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }

  interface Yauzl {
    openPromise(path: string, options: { readonly autoClose: boolean }): Promise<ZipFile>;
  }

  const yauzl: Yauzl;
  export default yauzl;
}
