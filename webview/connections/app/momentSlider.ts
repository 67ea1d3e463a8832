/** A slider over a run's checkpoints, and a button that plays them; one for each of two compared runs. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Side } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';
import { iconButton } from '../controls/choice.ts';
import { atMoment, distinctMoments, momentIndex } from '../state/moments.ts';
import { momentText } from '../text/values.ts';
import type { ShownSource, View } from '../view/view.ts';

export interface Playback {
  readonly isPlaying: boolean;
  toggle(): void;
}

export function momentSliders(view: View, playback: Readonly<Record<Side, Playback>>): TemplateResult | typeof nothing {
  const { left, right } = view;
  const first = momentSlider(view, 'left', left, playback.left);
  const second = right === undefined ? nothing : momentSlider(view, 'right', right, playback.right);
  return first === nothing && second === nothing ? nothing : html`<div class="sliders">${first} ${second}</div>`;
}

function momentSlider(
  { right, actions }: View,
  side: Side,
  { source, description }: ShownSource,
  playback: Playback,
): TemplateResult | typeof nothing {
  const moments = distinctMoments(description, source);
  if (moments.length < 2) return nothing;
  const index = momentIndex(moments, source);
  const moment = moments[index]!;
  const text = momentText(moment.at, moment.step);
  const choose = (event: Event): void => {
    const chosen = moments[Number((event.target as HTMLInputElement).value)];
    if (chosen !== undefined) actions.showSource(atMoment(source, chosen.at), side);
  };
  const isAlone = right === undefined;
  const number = side === 'left' ? 1 : 2;
  return html`<div class="moments">
    ${isAlone ? nothing : html`<span class="moments-name" title=${description.name}>${description.name}</span>`}
    ${iconButton(
      playback.isPlaying ? 'debug-pause' : 'play',
      playback.isPlaying
        ? t('Pause')
        : isAlone
          ? t('Play the Checkpoints')
          : t('Play the Checkpoints of Source {0}', number),
      () => playback.toggle(),
    )}
    <input
      type="range"
      min="0"
      max=${moments.length - 1}
      step="1"
      .value=${String(index)}
      aria-label=${isAlone ? t('Checkpoint') : t('Checkpoint of source {0}', number)}
      aria-valuetext=${text}
      @input=${choose}
    />
    <output class="figure-number">${text}</output>
  </div>`;
}
