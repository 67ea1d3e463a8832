/** Places that were left by following a link, to go back to, and forth again. */
import type { ConnectionsState } from '../../../engine/protocol/connectionsView.ts';

export type TrailPlace = Pick<ConnectionsState, 'page' | 'module' | 'selected' | 'layer' | 'side' | 'centre' | 'zoom'>;

/** More steps than anybody goes back. */
const KEPT = 100;

export class Trail {
  readonly #behind: TrailPlace[] = [];
  #ahead: TrailPlace[] = [];

  get canGoBack(): boolean {
    return this.#behind.length > 0;
  }

  get canGoForward(): boolean {
    return this.#ahead.length > 0;
  }

  /** Another place is gone to: what lay ahead is given up. */
  leave(place: TrailPlace): void {
    this.#ahead = [];
    this.#behind.push(placeOf(place));
    if (this.#behind.length > KEPT) this.#behind.shift();
  }

  /** The place before `here`; undefined where there is none. */
  back(here: TrailPlace): TrailPlace | undefined {
    return step(this.#behind, this.#ahead, here);
  }

  forward(here: TrailPlace): TrailPlace | undefined {
    return step(this.#ahead, this.#behind, here);
  }
}

function step(from: TrailPlace[], to: TrailPlace[], here: TrailPlace): TrailPlace | undefined {
  const place = from.pop();
  if (place !== undefined) to.push(placeOf(here));
  return place;
}

/** A state has more than its place. */
function placeOf({ page, module, selected, layer, side, centre, zoom }: TrailPlace): TrailPlace {
  return { page, module, selected, layer, side, centre, zoom };
}
