/** A slider over a run's checkpoints, and a button that plays them. */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../../host/translations.ts';
import { iconButton } from '../controls/choice.ts';
import { atMoment, distinctMoments, momentIndex } from '../state/moments.ts';
import { momentText } from '../text/values.ts';
import type { View } from '../view/view.ts';

export interface Playback {
  readonly isPlaying: boolean;
  toggle(): void;
}

export function momentSlider({ left, actions }: View, playback: Playback): TemplateResult | typeof nothing {
  const moments = distinctMoments(left.description, left.source);
  if (moments.length < 2) return nothing;
  const index = momentIndex(moments, left.source);
  const moment = moments[index]!;
  const text = momentText(moment.at, moment.step);
  const choose = (event: Event): void => {
    const chosen = moments[Number((event.target as HTMLInputElement).value)];
    if (chosen !== undefined) actions.showSource(atMoment(left.source, chosen.at));
  };
  return html`<div class="moments">
    ${iconButton(
      playback.isPlaying ? 'debug-pause' : 'play',
      playback.isPlaying ? t('Pause') : t('Play the Checkpoints'),
      () => playback.toggle(),
    )}
    <input
      type="range"
      min="0"
      max=${moments.length - 1}
      step="1"
      .value=${String(index)}
      aria-label=${t('Checkpoint')}
      aria-valuetext=${text}
      @input=${choose}
    />
    <output class="figure-number">${text}</output>
  </div>`;
}
