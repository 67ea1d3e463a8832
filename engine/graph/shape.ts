/** Shapes whose dimensions are numbers or names (`batch`, `sequence`), and the arithmetic that graphs need on them. */

/** A dimension: a known size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

export type Shape = readonly Dimension[];

/** Product of dimensions; names are joined with `*`, so that equal products have equal names. */
export function productOf(dimensions: Shape): Dimension {
  const size = dimensions.reduce<number>(
    (total, dimension) => (typeof dimension === 'number' ? total * dimension : total),
    1,
  );
  const names = dimensions.filter((dimension) => typeof dimension === 'string');
  if (names.length === 0) return size;
  return size === 1 ? names.join('*') : `${String(size)}*${names.join('*')}`;
}

/** Shape of an elementwise result under numpy's broadcasting rules. Throws where two dimensions cannot match. */
export function broadcast(left: Shape, right: Shape): Shape {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const l = left[left.length - rank + axis] ?? 1;
    const r = right[right.length - rank + axis] ?? 1;
    if (l === r || r === 1) return l;
    if (l === 1) return r;
    throw new Error(`shapes ${shapeText(left)} and ${shapeText(right)} do not broadcast`);
  });
}

/** Axes of `whole` over which a value of shape `part` was repeated when broadcast to it. */
export function broadcastAxes(part: Shape, whole: Shape): number[] {
  const missing = whole.length - part.length;
  return whole.flatMap((dimension, axis) => {
    const own = axis < missing ? 1 : part[axis - missing];
    return own === dimension ? [] : [axis];
  });
}

/** Whether two shapes are the same, names included. */
export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dimension, axis) => dimension === right[axis]);
}

export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}
