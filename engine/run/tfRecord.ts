/**
 * TFRecord framing of TensorBoard's event files: little-endian length, masked CRC32C of the length, data, masked
 * CRC32C of the data (tensorflow/core/lib/io/record_writer.h).
 */

const CASTAGNOLI_REVERSED = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ CASTAGNOLI_REVERSED : value >>> 1;
  return value;
});

/** CRC-32C (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The record that frames `data`. */
export function encodeTfRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(12 + data.byteLength + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.byteLength), true);
  view.setUint32(8, maskedCrc(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.byteLength, maskedCrc(data), true);
  return record;
}

/** Rotated and shifted, so that a checksum of data which holds checksums stays sound. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
