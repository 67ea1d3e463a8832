/** The name that a mistyped one most likely means. */

/**
 * The closest of `names` by edit distance, case and separators aside; undefined where none is close.
 */
export function nearestName(typed: string, names: Iterable<string>): string | undefined {
  const target = plain(typed);
  let nearest: string | undefined;
  let smallest = Math.max(1, Math.floor(target.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(target, plain(name));
    if (distance < smallest) [nearest, smallest] = [name, distance];
  }
  return nearest;
}

/** Whether both are the same but for case and separators, as `learning_rate` and `learningRate` are. */
export function isSameName(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[-_. ]/g, '')
    .slice(0, 64);
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + cost);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length]!;
}
