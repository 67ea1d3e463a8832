/** The cells of a tile that hold anything: few of many, so that only they are pooled, sent and kept. */

export interface TileCells {
  /** Ascending. */
  readonly cells: Uint32Array;
  /** Place of each cell of the tile in `cells`; of no meaning for those that are empty. */
  readonly places: Uint32Array;
}

/** @param visit calls back with the cell of everything that the tile holds */
export function tileCells(cellCount: number, visit: (hold: (cell: number) => void) => void): TileCells {
  const places = new Uint32Array(cellCount);
  let count = 0;
  visit((cell) => {
    if (places[cell] !== 0) return;
    places[cell] = 1;
    count += 1;
  });
  const cells = new Uint32Array(count);
  for (let cell = 0, place = 0; place < count; cell += 1) {
    if (places[cell] === 0) continue;
    cells[place] = cell;
    places[cell] = place;
    place += 1;
  }
  return { cells, places };
}
