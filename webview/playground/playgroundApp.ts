/** Holds the playground's state: takes the host's messages and the user's wishes, and draws at most once a frame. */
import { render } from 'lit';
import type { ModelSide, SamplingParams } from '../../engine/protocol/answers/generation.ts';
import type {
  PlaygroundHostMessage,
  PlaygroundQuestion,
  PlaygroundState,
  PlaygroundWebviewMessage,
} from '../../engine/protocol/answers/playground.ts';
import type { Channel } from '../host/channel.ts';
import { page } from './page.ts';
import type { PageListener } from './pageListener.ts';
import {
  asked,
  initialPage,
  pointedBy,
  questionChanged,
  received,
  type PageState,
  type PointedToken,
} from './playgroundModel.ts';

export type PlaygroundChannel = Channel<PlaygroundHostMessage, PlaygroundWebviewMessage, PlaygroundState>;

export class PlaygroundApp implements PageListener {
  readonly #channel: PlaygroundChannel;
  readonly #root: HTMLElement;
  #page: PageState;
  #isFrameDue = false;

  constructor(channel: PlaygroundChannel, root: HTMLElement) {
    this.#channel = channel;
    this.#root = root;
    this.#page = initialPage(channel.savedState());
    channel.listen((message) => {
      this.#change(received(this.#page, message));
      if (message.type === 'model') this.#save();
    });
    this.#change(this.#page);
    channel.post({ type: 'ready' });
  }

  question(change: Partial<PlaygroundQuestion>, sampling?: Partial<SamplingParams>): void {
    this.#change(questionChanged(this.#page, change, sampling));
    this.#save();
  }

  ask(): void {
    if (this.#page.question.prompt.trim() === '') return;
    this.#change(asked(this.#page));
    this.#channel.post({ type: 'ask', question: this.#page.question });
  }

  stop(): void {
    this.#channel.post({ type: 'stop' });
  }

  chooseModel(): void {
    this.#channel.post({ type: 'chooseModel' });
  }

  point(pointed: PointedToken | undefined): void {
    this.#change({ ...this.#page, pointed });
  }

  pointBy(side: ModelSide, places: number): void {
    this.#change(pointedBy(this.#page, side, places));
  }

  #save(): void {
    const { model, question } = this.#page;
    if (model !== undefined) this.#channel.save({ path: model.path, question });
  }

  #change(changed: PageState): void {
    this.#page = changed;
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    requestAnimationFrame(() => {
      this.#isFrameDue = false;
      render(page(this.#page, this), this.#root);
    });
  }
}
