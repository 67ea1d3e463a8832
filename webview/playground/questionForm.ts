/** The question: prompt, how it is written, and how tokens are chosen. */
import { html, type TemplateResult } from 'lit';
import {
  PROMPT_TEMPLATES,
  type PromptTemplate,
  type SamplingParams,
} from '../../engine/protocol/answers/generation.ts';
import { t } from '../host/translations.ts';
import type { PageListener } from './pageListener.ts';
import type { PageState } from './playgroundModel.ts';
import { formatStopSequences, parseStopSequences } from './stopSequences.ts';

interface NumberField {
  readonly name: Exclude<keyof SamplingParams, 'stopSequences'>;
  readonly label: string;
  readonly hint: string;
  readonly minimum: number;
  readonly maximum?: number;
  readonly step: number;
}

function numberFields(): readonly NumberField[] {
  return [
    { name: 'temperature', label: t('Temperature'), hint: t('0 takes the most probable token'), minimum: 0, step: 0.1 },
    { name: 'topK', label: t('Top-k'), hint: t('0 for all tokens'), minimum: 0, step: 1 },
    { name: 'topP', label: t('Top-p'), hint: t('1 for all tokens'), minimum: 0, maximum: 1, step: 0.05 },
    { name: 'repetitionPenalty', label: t('Repetition penalty'), hint: t('1 for none'), minimum: 0.1, step: 0.05 },
    { name: 'maxNewTokens', label: t('Longest answer'), hint: t('in tokens'), minimum: 1, step: 1 },
    { name: 'seed', label: t('Seed'), hint: t('of the random choices'), minimum: 0, step: 1 },
  ];
}

export function questionForm({ question, isAsking, model }: PageState, listener: PageListener): TemplateResult {
  const { prompt, system, template, sampling } = question;
  return html`
    <form class="question" @submit=${(event: Event) => submitted(event, listener)}>
      <label for="prompt">${t('Prompt')}</label>
      <textarea
        id="prompt"
        rows="5"
        .value=${prompt}
        @input=${(event: Event) => listener.question({ prompt: textOf(event) })}
        @keydown=${(event: KeyboardEvent) => keyPressed(event, listener)}
      ></textarea>
      <div class="question-actions">
        <neuroada-button ?disabled=${model === undefined || prompt.trim() === ''} @click=${() => listener.ask()}>
          ${t('Ask')}
        </neuroada-button>
        <neuroada-button appearance="secondary" ?disabled=${!isAsking} @click=${() => listener.stop()}>
          ${t('Stop')}
        </neuroada-button>
        <span class="muted">${t('Ctrl+Enter asks, Escape stops')}</span>
      </div>
      <details>
        <summary>${t('Options')}</summary>
        <div class="options">
          ${templateField(template, listener)} ${numberFields().map((field) => numberField(field, sampling, listener))}
          <div class="option option-wide">
            <label for="system">${t('System message')}</label>
            <textarea
              id="system"
              rows="2"
              .value=${system}
              @input=${(event: Event) => listener.question({ system: textOf(event) })}
            ></textarea>
            <span class="muted">${t('for the chat template alone')}</span>
          </div>
          ${stopField(sampling, listener)}
        </div>
      </details>
    </form>
  `;
}

function templateField(template: PromptTemplate, listener: PageListener): TemplateResult {
  const changed = (event: Event): void => {
    listener.question({ template: (event.target as HTMLSelectElement).value as PromptTemplate });
  };
  return html`
    <div class="option">
      <label for="template">${t('Template')}</label>
      <select id="template" @change=${changed}>
        ${PROMPT_TEMPLATES.map((name) => html`<option value=${name} ?selected=${name === template}>${name}</option>`)}
      </select>
      <span class="muted">${t('auto: as the run was trained')}</span>
    </div>
  `;
}

function numberField(
  { name, label, hint, minimum, maximum, step }: NumberField,
  sampling: SamplingParams,
  listener: PageListener,
): TemplateResult {
  const changed = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    if (input.checkValidity() && input.value !== '') listener.question({}, { [name]: Number(input.value) });
  };
  return html`
    <div class="option">
      <label for=${name}>${label}</label>
      <input
        id=${name}
        type="number"
        min=${minimum}
        max=${maximum ?? ''}
        step=${step === 1 ? 1 : 'any'}
        .value=${String(sampling[name])}
        @change=${changed}
      />
      <span class="muted">${hint}</span>
    </div>
  `;
}

function stopField({ stopSequences }: SamplingParams, listener: PageListener): TemplateResult {
  return html`
    <div class="option option-wide">
      <label for="stopSequences">${t('Stop sequences')}</label>
      <textarea
        id="stopSequences"
        rows="2"
        .value=${formatStopSequences(stopSequences)}
        @change=${(event: Event) => listener.question({}, { stopSequences: parseStopSequences(textOf(event)) })}
      ></textarea>
      <span class="muted">${t('one a line, \\n for a line break: the answer ends before it')}</span>
    </div>
  `;
}

function submitted(event: Event, listener: PageListener): void {
  event.preventDefault();
  listener.ask();
}

function keyPressed(event: KeyboardEvent, listener: PageListener): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    listener.ask();
  }
  if (event.key === 'Escape') listener.stop();
}

function textOf(event: Event): string {
  return (event.target as HTMLTextAreaElement).value;
}
