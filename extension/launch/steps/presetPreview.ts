/** The first example of a preview as one line of a pick. */
import type { PreviewResult } from '../../../engine/protocol/rpc.ts';

const LONGEST_EXAMPLE = 400;

/** On one line, prompt parts in brackets; empty where there is no example. */
export function exampleLine({ examples: [example] }: PreviewResult): string {
  const text = (example?.parts ?? []).map((part) => (part.isTrained ? part.text : `⟦${part.text}⟧ `)).join('');
  const line = text.replaceAll('\n', '↵');
  return line.length > LONGEST_EXAMPLE ? `${line.slice(0, LONGEST_EXAMPLE)}…` : line;
}
