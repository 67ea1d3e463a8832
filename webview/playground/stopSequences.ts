/** Stop sequences as a person writes them: one a line, with \n for a line break, \t for a tab and \\ for a backslash. */

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

/** Empty lines stand for nothing. */
export function parseStopSequences(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(/\\([nt\\])/g, (_, letter: string) => ESCAPES[letter]!));
}

export function formatStopSequences(sequences: readonly string[]): string {
  return sequences
    .map((sequence) => sequence.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t'))
    .join('\n');
}
