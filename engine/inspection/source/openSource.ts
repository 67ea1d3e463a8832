/** An open source of connections, whatever files it comes from. */
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { Allocate } from '../../checkpoint/safetensors/safetensorsReader.ts';
import type { SourceDescription } from '../../protocol/connections/connectionSource.ts';
import type { ModuleEntries } from '../entries/moduleEntries.ts';

export interface OpenSource {
  /** All but what changes while the source stays open, or is known to its keeper. */
  readonly description: Omit<SourceDescription, 'revision' | 'moments'>;
  /** Undefined where the base cannot be read: the description says why. */
  readonly base: Checkpoint | undefined;
  /**
   * Reads and checks a module's selected connections, into buffers that `allocate` gives where it is given.
   * @throws ExpectedError `selection/invalidTensor`, `inspection/noSuchModule`, `files/…`; CancelledError
   */
  readEntries(module: string, signal: AbortSignal, allocate?: Allocate): Promise<ModuleEntries>;
  close(): Promise<void>;
}
