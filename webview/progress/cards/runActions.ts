/** The buttons of a run's card: what is done next in words where there is room, the rest as icons. */
import { html, type TemplateResult } from 'lit';
import type { RunAction, RunCard } from '../../../engine/protocol/webview.ts';
import { t } from '../../host/translations.ts';

interface ActionSign {
  readonly icon: string;
  readonly label: string;
}

function signOf(action: RunAction): ActionSign {
  switch (action) {
    case 'stop':
      return { icon: 'debug-stop', label: t('Stop') };
    case 'resume':
      return { icon: 'debug-continue', label: t('Resume') };
    case 'merge':
      return { icon: 'git-merge', label: t('Merge into Base Model') };
    case 'runAgain':
      return { icon: 'debug-restart', label: t('Run Again') };
    case 'openLog':
      return { icon: 'output', label: t('Open Log') };
    case 'reveal':
      return { icon: 'folder-opened', label: t('Reveal in Explorer') };
  }
}

export function runActions(
  { runId, name, actions, problem }: RunCard,
  isLone: boolean,
  act: (runId: string, action: RunAction) => void,
): TemplateResult[] {
  // A problem's own message has the buttons for it.
  const shown =
    problem === undefined ? actions : actions.filter((action) => action !== 'resume' && action !== 'openLog');
  return shown.map((action) => {
    const { icon, label } = signOf(action);
    const description = t('{0}: {1}', label, name);
    const press = (): void => act(runId, action);
    return isLone && NEXT_ACTIONS.includes(action)
      ? html`<neuroada-button appearance="secondary" aria-label=${description} @click=${press}>
          <span slot="start" class="codicon codicon-${icon}"></span>${label}
        </neuroada-button>`
      : html`<neuroada-button appearance="icon" aria-label=${description} title=${label} @click=${press}>
          <span class="codicon codicon-${icon}"></span>
        </neuroada-button>`;
  });
}

/** What one wants of a run that trains, was stopped, or is done. */
const NEXT_ACTIONS: readonly RunAction[] = ['stop', 'resume', 'merge'];
