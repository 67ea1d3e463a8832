/** What the probe's child process tells its parent about one device, and how it ended. */

/** What is known when the child has ended: its outcome, or how it ended without one. */
export interface ProbeEnd {
  readonly outcome: ProbeOutcome | { readonly kind: 'died'; readonly text: string };
  /** End of what the child (and the drivers in it) wrote to stderr. */
  readonly stderr: string;
}

export type ProbeOutcome =
  | { readonly kind: 'usable'; readonly gigaflopsPerSecond: number; readonly hasFloat16?: boolean }
  /** The installed binaries have no provider for the device. */
  | { readonly kind: 'noProvider' }
  | { readonly kind: 'failed'; readonly text: string };
