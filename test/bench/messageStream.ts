/**
 * In the page: reads the host's messages from a stream and hands them to the webview's script as the editor does, which
 * transfers the bytes of arrays instead of copying them.
 */
import { messageCodec } from '../../engine/protocol/binaryMessage.ts';

const LENGTH_BYTES = 4;
const codec = messageCodec<unknown>({
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
});

async function follow(address: string): Promise<void> {
  const { body } = await fetch(address);
  const reader = body!.getReader({ mode: 'byob' });
  for (;;) {
    const length = new DataView((await read(reader, LENGTH_BYTES)).buffer).getUint32(0, true);
    const bytes = await read(reader, length);
    const message = await codec.decode(bytes);
    // Plain JSON has no arrays, and bytes that nobody needs.
    window.postMessage(message, window.origin, [bytes.buffer]);
  }
}

/** The next bytes of the stream, in memory of their own; never, once the stream has ended. */
async function read(reader: ReadableStreamBYOBReader, count: number): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const { value, done } = await reader.read(bytes.subarray(filled));
    if (done) return new Promise(() => undefined);
    bytes = new Uint8Array(value.buffer);
    filled += value.byteLength;
  }
  return bytes;
}

declare global {
  interface Window {
    neuroadaFollow(address: string): void;
  }
}

window.neuroadaFollow = (address) => void follow(address);
