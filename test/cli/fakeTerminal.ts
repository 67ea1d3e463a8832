/** A terminal that keeps what is written to it. */
import type { Terminal } from '../../engine/cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  readonly results: () => string;
  readonly notes: () => string;
}

export function fakeTerminal(options: { isInteractive?: boolean; columns?: number } = {}): FakeTerminal {
  let results = '';
  let notes = '';
  return {
    writeResult: (text) => {
      results += text;
    },
    writeNote: (text) => {
      notes += text;
    },
    isInteractive: options.isInteractive ?? false,
    columns: () => options.columns ?? 80,
    style: (_, text) => text,
    invocation: 'neuroada',
    results: () => results,
    notes: () => notes,
  };
}

/** What a terminal shows after `output`: carriage returns and erased lines carried out. */
export function screenOf(output: string): string[] {
  return output.split('\n').map((line) => line.split('\r\u001b[K').at(-1)!);
}
