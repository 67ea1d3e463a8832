/** Moves the focus inside a grid by arrows, Home, End, and with Ctrl to the first and last row. */

/** Handles a key on a grid whose cells carry `data-place="row/column"`; cells that are absent are passed over. */
export function gridKey(event: KeyboardEvent): void {
  const [grid, from] = [event.currentTarget, event.target];
  if (!(grid instanceof HTMLElement) || !(from instanceof HTMLElement)) return;
  const place = from.dataset['place'];
  if (place === undefined) return;
  const [row, column] = place.split('/').map(Number) as [number, number];
  const cells = [...grid.querySelectorAll<HTMLElement>('[data-place]')].map((element) => {
    const [itsRow, itsColumn] = element.dataset['place']!.split('/').map(Number) as [number, number];
    return { element, row: itsRow, column: itsColumn };
  });
  const inRow = cells.filter((cell) => cell.row === row);
  const inColumn = cells.filter((cell) => cell.column === column);
  const next = {
    ArrowLeft: inRow.findLast((cell) => cell.column < column),
    ArrowRight: inRow.find((cell) => cell.column > column),
    ArrowUp: inColumn.findLast((cell) => cell.row < row),
    ArrowDown: inColumn.find((cell) => cell.row > row),
    Home: event.ctrlKey ? cells[0] : inRow[0],
    End: event.ctrlKey ? cells.at(-1) : inRow.at(-1),
    PageUp: inColumn[0],
    PageDown: inColumn.at(-1),
  }[event.key];
  if (event.key.startsWith('Arrow') || next !== undefined) event.preventDefault();
  next?.element.focus();
}
