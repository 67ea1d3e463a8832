/** Metrics of labels: how often right, F1 over classes, and Matthews' correlation, as scikit-learn defines them. */

/** A label that was expected and the one that was given; null where none was. */
export interface LabelPair {
  readonly expected: string;
  readonly got: string | null;
}

/** Share of pairs that agree; NaN without pairs. */
export function accuracy(pairs: readonly LabelPair[]): number {
  return pairs.filter(({ expected, got }) => expected === got).length / pairs.length;
}

/**
 * Mean over the classes that occur, expected or given, of F1 = 2 tp / (2 tp + fp + fn). A missing answer is a wrong one of
 * no class.
 */
export function macroF1(pairs: readonly LabelPair[]): number {
  const { right, expected, got } = countLabels(pairs);
  const classes = [...new Set([...expected.keys(), ...got.keys()])];
  const total = classes.reduce((sum, label) => {
    return sum + (2 * (right.get(label) ?? 0)) / ((expected.get(label) ?? 0) + (got.get(label) ?? 0));
  }, 0);
  return total / classes.length;
}

/** F1 of one class against the rest; 0 where the class neither occurs nor is given. */
export function binaryF1(pairs: readonly LabelPair[], positive: string): number {
  const { right, expected, got } = countLabels(pairs);
  const total = (expected.get(positive) ?? 0) + (got.get(positive) ?? 0);
  return total === 0 ? 0 : (2 * (right.get(positive) ?? 0)) / total;
}

/**
 * Matthews' correlation for any number of classes (Gorodkin 2004, R_K): (c s - sum p_k t_k) / sqrt((s^2 - sum p_k^2)
 * (s^2 - sum t_k^2)) with s pairs, c right ones, and each class given p_k and expected t_k times; 0 where it is undefined.
 * Missing answers form a class of their own.
 */
export function matthews(pairs: readonly LabelPair[]): number {
  const given = pairs.map(({ expected, got }) => ({ expected, got: got ?? '\u0000none' }));
  const { right, expected, got } = countLabels(given);
  const s = pairs.length;
  const c = [...right.values()].reduce((sum, count) => sum + count, 0);
  const products = [...expected].reduce((sum, [label, count]) => sum + count * (got.get(label) ?? 0), 0);
  const squares = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((sum, count) => sum + count * count, 0);
  const denominator = Math.sqrt((s * s - squares(got)) * (s * s - squares(expected)));
  return denominator === 0 ? 0 : (c * s - products) / denominator;
}

type Counts = ReadonlyMap<string, number>;

function countLabels(pairs: readonly LabelPair[]): { right: Counts; expected: Counts; got: Counts } {
  const [right, expected, got] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const count = (counts: Map<string, number>, label: string): void => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  };
  for (const pair of pairs) {
    count(expected, pair.expected);
    if (pair.got !== null) count(got, pair.got);
    if (pair.got === pair.expected) count(right, pair.expected);
  }
  return { right, expected, got };
}
