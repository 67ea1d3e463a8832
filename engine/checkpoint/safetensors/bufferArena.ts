/** Buffers for work that is repeated: a pass over many modules would else leave hundreds of megabytes to be collected. */
import type { Allocate } from './safetensorsReader.ts';

export interface BufferArena {
  readonly allocate: Allocate;
  /** What was allocated since the last reset may be given out again. */
  reset(): void;
}

export function createBufferArena(): BufferArena {
  const buffers: ArrayBuffer[] = [];
  let taken = 0;
  return {
    allocate(sizeBytes) {
      const kept = buffers[taken];
      const buffer = kept !== undefined && kept.byteLength >= sizeBytes ? kept : new ArrayBuffer(sizeBytes);
      buffers[taken] = buffer;
      taken += 1;
      return buffer;
    },
    reset() {
      taken = 0;
    },
  };
}
