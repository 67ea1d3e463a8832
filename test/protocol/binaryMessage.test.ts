// Messages with typed arrays arrive as they were sent; damaged ones are refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageCodec } from '../../engine/protocol/binaryMessage.ts';

const decoder = new TextDecoder();
const codec = messageCodec<unknown>({
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => decoder.decode(bytes),
});

const arrays = fc.oneof(
  fc.uint8Array(),
  fc.int8Array(),
  fc.uint16Array(),
  fc.int16Array(),
  fc.uint32Array(),
  fc.int32Array(),
  fc.float32Array(),
  fc.float64Array(),
);
const messages = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  fc.oneof(arrays, fc.integer(), fc.string(), fc.constant(null), fc.array(arrays, { maxLength: 3 })),
);

describe('messages', () => {
  it('arrive as they were sent', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.nat(16), async (message, shift) => {
        const encoded = await codec.encode(message);
        // They may come to lie anywhere in the socket's buffer.
        const received = Buffer.alloc(encoded.byteLength + shift).subarray(shift);
        received.set(encoded);
        expect(await codec.decode(received)).toEqual({ ...message });
      }),
    );
  });

  it('are read in place where nothing else is in their memory', async () => {
    const encoded = await codec.encode({ numbers: new Float32Array([1, 2, 3]) });
    const { numbers } = (await codec.decode(encoded)) as { readonly numbers: Float32Array };
    expect(numbers.buffer).toBe(encoded.buffer);
    const { numbers: copied } = (await codec.decode(Buffer.from([0, ...encoded]).subarray(1))) as {
      readonly numbers: Float32Array;
    };
    expect(copied).toEqual(numbers);
  });

  it('without typed arrays are plain JSON, as peers of other versions speak it', async () => {
    expect(decoder.decode(await codec.encode({ method: 'hello', id: 1 }))).toBe('{"method":"hello","id":1}');
  });

  it('that are damaged are refused', async () => {
    const encoded = await codec.encode({ a: new Float32Array([1, 2, 3]), b: new Uint32Array(10) });
    for (let length = 0; length < encoded.byteLength; length += 1) {
      await expect(codec.decode(encoded.subarray(0, length))).rejects.toThrow();
    }
  });
});
