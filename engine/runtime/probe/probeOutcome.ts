/** What the probe's child process tells its parent about one device. */

export type ProbeOutcome =
  | { readonly kind: 'usable'; readonly gigaflopsPerSecond: number; readonly hasFloat16?: boolean }
  /** The installed binaries have no provider for the device. */
  | { readonly kind: 'noProvider' }
  | { readonly kind: 'failed'; readonly text: string };
