/** Pointers on the picture: drag to pan, wheel to zoom about the pointer, two fingers to do both, click to choose. */

export interface PointerListener {
  pan(deltaX: number, deltaY: number): void;
  zoomAt(factor: number, x: number, y: number): void;
  point(x: number, y: number): void;
  leave(): void;
  choose(x: number, y: number): void;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A pointer that moved less than this was a click. */
const CLICK_PIXELS = 4;

/** Zoom per pixel of the wheel; a pinch on a touchpad comes as a wheel with Ctrl and smaller steps. */
const WHEEL_RATE = 0.0015;
const PINCH_RATE = 0.01;
const LINE_PIXELS = 16;
const DOUBLE_CLICK_FACTOR = 3;

export function listenToPointers(element: HTMLElement, listener: PointerListener): void {
  const pressed = new Map<number, Point>();
  let travelled = 0;
  const at = (event: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    if (pressed.size === 0) travelled = 0;
    pressed.set(event.pointerId, at(event));
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    const now = at(event);
    const before = pressed.get(event.pointerId);
    if (before === undefined) {
      listener.point(now.x, now.y);
      return;
    }
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    pressed.set(event.pointerId, now);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (other !== undefined) pinch(listener, before, now, other);
    else if (travelled >= CLICK_PIXELS) listener.pan(now.x - before.x, now.y - before.y);
  });
  const release = (event: PointerEvent): void => {
    if (!pressed.delete(event.pointerId) || pressed.size > 0) return;
    const { x, y } = at(event);
    if (event.type === 'pointerup' && travelled < CLICK_PIXELS) listener.choose(x, y);
  };
  element.addEventListener('pointerup', release);
  element.addEventListener('pointercancel', release);
  element.addEventListener('pointerleave', () => listener.leave());
  element.addEventListener('dblclick', (event) => {
    const { x, y } = at(event);
    listener.zoomAt(DOUBLE_CLICK_FACTOR, x, y);
  });
  element.addEventListener('wheel', (event) => wheel(event, at(event), listener), { passive: false });
}

function pinch(listener: PointerListener, before: Point, now: Point, other: Point): void {
  const distance = Math.hypot(before.x - other.x, before.y - other.y);
  const nowDistance = Math.hypot(now.x - other.x, now.y - other.y);
  listener.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  if (distance > 0) listener.zoomAt(nowDistance / distance, (now.x + other.x) / 2, (now.y + other.y) / 2);
}

function wheel(event: WheelEvent, { x, y }: Point, listener: PointerListener): void {
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
  const [deltaX, deltaY] = [event.deltaX * unit, event.deltaY * unit];
  if (event.shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) listener.pan(-(deltaX || deltaY), 0);
  else listener.zoomAt(Math.exp(-deltaY * (event.ctrlKey ? PINCH_RATE : WHEEL_RATE)), x, y);
}
