/** Plays a run's checkpoints: the next one when the shown one is complete, and not faster than can be followed. */
import { figuresOf } from '../model/figures.ts';
import { atMoment, distinctMoments, momentIndex } from '../state/moments.ts';
import type { Side } from '../../../engine/protocol/connectionsView.ts';
import type { Playback } from './momentSlider.ts';
import type { ShownSource, View } from '../view/view.ts';

const LEAST_TIME_MS = 700;

export class Player implements Playback {
  readonly #side: Side;
  readonly #onChange: () => void;
  #isPlaying = false;
  #isFromStart = false;
  #shownSinceMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(side: Side, onChange: () => void) {
    this.#side = side;
    this.#onChange = onChange;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  toggle(): void {
    this.#isPlaying = !this.#isPlaying;
    this.#isFromStart = this.#isPlaying;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onChange();
  }

  /** Call with every drawing: goes on when it is time. */
  follow(view: View): void {
    if (!this.#isPlaying || this.#timer !== undefined) return;
    const shown = view[this.#side];
    if (shown === undefined) {
      this.#isPlaying = false;
      return;
    }
    const moments = distinctMoments(shown.description, shown.source);
    const last = moments.length - 1;
    const index = momentIndex(moments, shown.source);
    // Play at the end begins again.
    if (this.#isFromStart && index >= last) this.#goTo(view, shown, 0);
    else if (index >= last) this.#isPlaying = false;
    else if (figuresOf(view.answers, shown).isComplete) this.#goTo(view, shown, index + 1);
    this.#isFromStart = false;
  }

  #goTo({ actions }: View, { source, description }: ShownSource, index: number): void {
    const waitMs = Math.max(0, this.#shownSinceMs + LEAST_TIME_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#shownSinceMs = performance.now();
      const moment = distinctMoments(description, source)[index];
      if (moment !== undefined) actions.showSource(atMoment(source, moment.at), this.#side);
    }, waitMs);
  }
}
