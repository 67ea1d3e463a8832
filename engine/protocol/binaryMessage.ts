/**
 * Messages of the control channel that may hold typed arrays: their bytes travel as they are, beside the JSON of the
 * rest. A message without them is plain JSON. Layout, little-endian:
 *   byte 0        0, which no JSON begins with
 *   bytes 4..8    length of the JSON in bytes
 *   bytes 8..     the JSON, in which {"$array": [type, place, length]} stands for a typed array
 *   from the next multiple of 8 on: the arrays' bytes, each at its place in bytes, a multiple of 8
 */

/** UTF-8, as the platform has it. */
export interface TextCodec {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

const HEADER_BYTES = 8;
const ALIGNMENT_BYTES = 8;

const ARRAY_TYPES = {
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
} as const;

type ArrayType = keyof typeof ARRAY_TYPES;

/** The encoding as JSON-RPC connections take it; what cannot be decoded rejects. */
export function messageCodec<M>(text: TextCodec): {
  readonly name: string;
  readonly encode: (message: M) => Promise<Uint8Array>;
  readonly decode: (bytes: Uint8Array) => Promise<M>;
} {
  return {
    name: 'application/neuroada',
    encode: (message) => Promise.resolve(message).then((sent) => encodeMessage(sent, text)),
    decode: (bytes) => Promise.resolve(bytes).then((received) => decodeMessage(received, text) as M),
  };
}

function encodeMessage(message: unknown, text: TextCodec): Uint8Array {
  const arrays: Uint8Array[] = [];
  let end = 0;
  // A method, since an array of a subclass may have turned itself into JSON before it is passed.
  function replace(this: Record<string, unknown>, key: string, passed: unknown): unknown {
    const value = this[key];
    if (!ArrayBuffer.isView(value)) return passed;
    const type = typeOf(value);
    const place = end;
    arrays.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    end = aligned(place + value.byteLength);
    return { $array: [type, place, value.byteLength / ARRAY_TYPES[type].BYTES_PER_ELEMENT] };
  }
  const json = text.encode(JSON.stringify(message, replace));
  if (arrays.length === 0) return json;
  const start = aligned(HEADER_BYTES + json.byteLength);
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setUint32(4, json.byteLength, true);
  bytes.set(json, HEADER_BYTES);
  let place = start;
  for (const array of arrays) {
    bytes.set(array, place);
    place = aligned(place + array.byteLength);
  }
  return bytes;
}

/**
 * The arrays are views of one buffer: the message's own where nothing else is in it, else a copy.
 * @throws SyntaxError, RangeError where the bytes are no message
 */
function decodeMessage(bytes: Uint8Array, text: TextCodec): unknown {
  if (bytes[0] !== 0) return JSON.parse(text.decode(bytes));
  const jsonBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true);
  const start = aligned(HEADER_BYTES + jsonBytes);
  if (start > bytes.byteLength) throw new RangeError(`JSON of ${jsonBytes} bytes in ${bytes.byteLength}`);
  const json = text.decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + jsonBytes));
  const isAlone = bytes.byteLength === bytes.buffer.byteLength;
  const arrays = isAlone ? bytes.subarray(start) : new Uint8Array(bytes.subarray(start));
  return JSON.parse(json, (_, value: unknown) => revived(value, arrays));
}

function revived(value: unknown, { buffer, byteOffset }: Uint8Array): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!('$array' in value) || !Array.isArray(value.$array)) return value;
  const [type, place, length] = value.$array as unknown as readonly [string, number, number];
  if (!Object.hasOwn(ARRAY_TYPES, type)) throw new RangeError(`array of ${type}`);
  return new ARRAY_TYPES[type as ArrayType](buffer as ArrayBuffer, byteOffset + place, length);
}

function typeOf(value: ArrayBufferView): ArrayType {
  const type = (Object.keys(ARRAY_TYPES) as ArrayType[]).find((name) => value instanceof ARRAY_TYPES[name]);
  if (type !== undefined) return type;
  throw new RangeError(`${value.constructor.name} cannot be sent`);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
