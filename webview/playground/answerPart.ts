/** One side's answer: its tokens, shaded by how probable the model found each, and its figures once it is complete. */
import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Answer, AnswerToken, ModelSide } from '../../engine/protocol/answers/generation.ts';
import { t } from '../host/translations.ts';
import type { PageListener } from './pageListener.ts';
import type { PageState } from './playgroundModel.ts';
import { probabilityBand } from './probability.ts';

export function answerPart(side: ModelSide, state: PageState, listener: PageListener): TemplateResult {
  const tokens = state.tokens[side];
  const answer = state.answers.find((candidate) => candidate.side === side);
  const title = side === 'base' ? t('Base') : t('Tuned');
  const id = `answer-${side}`;
  return html`
    <section class="answer" aria-labelledby=${id}>
      <div class="answer-head">
        <h2 id=${id}>${title}</h2>
        ${answer === undefined ? nothing : html`<span class="muted">${figures(answer)}</span>`}
      </div>
      <p
        class="answer-text"
        tabindex="0"
        role="group"
        aria-labelledby=${id}
        aria-describedby="token-detail"
        aria-busy=${state.isAsking && answer === undefined}
        @keydown=${(event: KeyboardEvent) => keyPressed(event, side, listener)}
        @pointerleave=${() => listener.point(undefined)}
        @blur=${() => listener.point(undefined)}
      >
        ${tokens.map((token) => tokenPart(token, state, listener))}
      </p>
    </section>
  `;
}

function tokenPart(token: AnswerToken, { pointed }: PageState, listener: PageListener): TemplateResult {
  const { side, index, text, logProbability } = token;
  const classes = {
    token: true,
    [`token-${probabilityBand(logProbability)}`]: true,
    'token-pointed': pointed?.side === side && pointed.index === index,
  };
  return html`<span class=${classMap(classes)} @pointerenter=${() => listener.point({ side, index })}>${text}</span>`;
}

/** Such as "23 tokens, 41 per second, mean probability 87 %, ended by itself". */
function figures({ tokenCount, elapsedMs, logProbability, ending }: Answer): string {
  const endings = { endToken: t('ended by itself'), stopped: t('stopped'), length: t('cut at the longest answer') };
  if (tokenCount === 0) return endings[ending];
  const speed = (tokenCount / (elapsedMs / 1000)).toFixed(1);
  const mean = (Math.exp(logProbability / tokenCount) * 100).toFixed(0);
  return t('{0} tokens, {1} per second, mean probability {2} %, {3}', tokenCount, speed, mean, endings[ending]);
}

function keyPressed(event: KeyboardEvent, side: ModelSide, listener: PageListener): void {
  const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const places = moves[event.key];
  if (places !== undefined) {
    event.preventDefault();
    listener.pointBy(side, places);
  }
  if (event.key === 'Escape') listener.point(undefined);
}
