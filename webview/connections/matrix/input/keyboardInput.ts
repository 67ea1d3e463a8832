/** Keys on the picture: they move a cursor from cell to cell, zoom about it, and inspect it. */

export interface KeyListener {
  /** Moves by so many cells; infinite ones go to the end. */
  moveCursor(rows: number, columns: number): void;
  /** Moves by screens. */
  turnPage(rows: number, columns: number): void;
  zoomAtCursor(factor: number): void;
  zoomOut(): void;
  inspect(): void;
  clear(): void;
}

const ZOOM_STEP = 1.5;

/** Returns whether the key meant something. */
export function pressKey({ key, altKey, ctrlKey, shiftKey }: KeyboardEvent, listener: KeyListener): boolean {
  const step = shiftKey ? 10 : 1;
  const action = {
    ArrowUp: () => listener.moveCursor(-step, 0),
    ArrowDown: () => listener.moveCursor(step, 0),
    ArrowLeft: () => listener.moveCursor(0, -step),
    ArrowRight: () => listener.moveCursor(0, step),
    Home: () => listener.moveCursor(ctrlKey ? -Infinity : 0, -Infinity),
    End: () => listener.moveCursor(ctrlKey ? Infinity : 0, Infinity),
    PageUp: () => listener.turnPage(shiftKey ? 0 : -1, shiftKey ? -1 : 0),
    PageDown: () => listener.turnPage(shiftKey ? 0 : 1, shiftKey ? 1 : 0),
    '+': () => listener.zoomAtCursor(ZOOM_STEP),
    '=': () => listener.zoomAtCursor(ZOOM_STEP),
    '-': () => listener.zoomAtCursor(1 / ZOOM_STEP),
    '0': () => listener.zoomOut(),
    Enter: () => listener.inspect(),
    Escape: () => listener.clear(),
  }[key];
  if (action === undefined || altKey || (ctrlKey && !['Home', 'End'].includes(key))) return false;
  action();
  return true;
}
