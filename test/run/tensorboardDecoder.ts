/**
 * Reads TensorBoard event files by the format's description alone, sharing nothing with the writer: bitwise CRC32C,
 * protobuf by hand, and TensorBoard's rule for restarted sessions.
 */

export interface DecodedEvent {
  time: number;
  step: number;
  fileVersion?: string;
  sessionStatus?: number;
  scalars?: Record<string, number>;
}

/** Decodes every record, checking both checksums of each; a record that a killed writer left torn ends the file. */
export function decodeEventFile(file: Buffer): DecodedEvent[] {
  const events: DecodedEvent[] = [];
  let position = 0;
  while (position + 12 <= file.length) {
    const length = Number(file.readBigUInt64LE(position));
    if (position + 16 + length > file.length) break;
    checkCrc(file.subarray(position, position + 8), file.readUInt32LE(position + 8));
    const data = file.subarray(position + 12, position + 12 + length);
    checkCrc(data, file.readUInt32LE(position + 12 + length));
    events.push(decodeEvent(data));
    position += 16 + length;
  }
  return events;
}

/** The points of a curve after TensorBoard's rule: a session start purges points at its step and later. */
export function purgedScalars(events: readonly DecodedEvent[], tag: string): [step: number, value: number][] {
  let points: [number, number][] = [];
  for (const event of events) {
    if (event.sessionStatus === 1) points = points.filter(([step]) => step < event.step);
    const value = event.scalars?.[tag];
    if (value !== undefined) points.push([event.step, value]);
  }
  return points;
}

function checkCrc(bytes: Buffer, masked: number): void {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  crc = ~crc >>> 0;
  const rotated = (masked - 0xa282ead8) >>> 0;
  const unmasked = ((rotated >>> 17) | (rotated << 15)) >>> 0;
  if (unmasked !== crc) throw new Error(`checksum ${String(unmasked)}, expected ${String(crc)}`);
}

function decodeEvent(data: Buffer): DecodedEvent {
  const event: DecodedEvent = { time: 0, step: 0 };
  for (const [field, value] of fieldsOf(data)) {
    if (field === 1) event.time = (value as Buffer).readDoubleLE();
    else if (field === 2) event.step = value as number;
    else if (field === 3) event.fileVersion = String(value);
    else if (field === 5)
      event.scalars = Object.fromEntries(fieldsOf(value as Buffer).map(([, item]) => scalar(item as Buffer)));
    else if (field === 7) event.sessionStatus = fieldsOf(value as Buffer)[0]![1] as number;
    else throw new Error(`unknown field ${String(field)}`);
  }
  return event;
}

function scalar(data: Buffer): [string, number] {
  const fields = new Map(fieldsOf(data));
  return [String(fields.get(1)), (fields.get(2) as Buffer).readFloatLE()];
}

/** Fields of a message: numbers for varints, bytes for all else. */
function fieldsOf(data: Buffer): [number, number | Buffer][] {
  const fields: [number, number | Buffer][] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data.readUInt8(position++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (position < data.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) fields.push([key >>> 3, varint()]);
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : varint();
      fields.push([key >>> 3, data.subarray(position, position + length)]);
      position += length;
    }
  }
  return fields;
}
