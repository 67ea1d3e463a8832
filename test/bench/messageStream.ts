/** In the page: reads the host's messages from a stream and hands them to the webview's script, as the editor does. */
import { messageCodec } from '../../engine/protocol/binaryMessage.ts';

const LENGTH_BYTES = 4;
const codec = messageCodec<unknown>({
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
});

async function follow(address: string): Promise<void> {
  const { body } = await fetch(address);
  const chunks = new ChunkReader(body!.getReader());
  for (;;) {
    const length = new DataView((await chunks.read(LENGTH_BYTES)).buffer).getUint32(0, true);
    window.postMessage(await codec.decode(await chunks.read(length)));
  }
}

/** So many bytes of a stream at a time. */
class ChunkReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.#reader = reader;
  }

  async read(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    for (;;) {
      const part = this.#rest.subarray(0, count - filled);
      bytes.set(part, filled);
      filled += part.byteLength;
      this.#rest = this.#rest.subarray(part.byteLength);
      if (filled === count) return bytes;
      const { value, done } = await this.#reader.read();
      if (done) return new Promise(() => undefined);
      this.#rest = value;
    }
  }
}

declare global {
  interface Window {
    neuroadaFollow(address: string): void;
  }
}

window.neuroadaFollow = (address) => void follow(address);
