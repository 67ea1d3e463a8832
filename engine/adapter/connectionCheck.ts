/** Checks of connection numbers that come from files, before they are used as positions. */

/** Columns [neurons * k]: ascending and distinct within each neuron, below `columns`. */
export function checkIndices(indices: Int32Array, k: number, columns: number, error: () => Error): void {
  for (let start = 0; start < indices.length; start += k) {
    if (!isAscending(indices.subarray(start, start + k), columns)) throw error();
  }
}

/** Rows: ascending and distinct, below `rows`. */
export function checkNeurons(neurons: Int32Array, rows: number, error: () => Error): void {
  if (!isAscending(neurons, rows)) throw error();
}

function isAscending(numbers: Int32Array, below: number): boolean {
  let last = -1;
  for (const number of numbers) {
    if (number <= last || number >= below) return false;
    last = number;
  }
  return true;
}
