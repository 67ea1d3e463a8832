/** The open playgrounds, one per model. */
import { l10n, window } from 'vscode';
import type { PlaygroundModel, PlaygroundState } from '../../engine/protocol/answers/playground.ts';
import { PanelRoom } from '../webviews/panelRoom.ts';
import { playgroundModel } from './playgroundModel.ts';
import { PlaygroundPanel, type PlaygroundPorts } from './playgroundPanel.ts';

export type PlaygroundPanels = PanelRoom<PlaygroundPanel, PlaygroundModel>;

export function createPlaygroundPanels(ports: PlaygroundPorts): PlaygroundPanels {
  return new PanelRoom<PlaygroundPanel, PlaygroundModel>({
    viewType: 'neuroada.playground',
    show: (panel, model) => new PlaygroundPanel(panel, model, ports),
    isShown: (panel, model) => panel.model.path === model.path,
    restored: restoredModel,
  });
}

async function restoredModel(state: unknown): Promise<PlaygroundModel | undefined> {
  const path = (state as Partial<PlaygroundState> | undefined)?.path;
  if (typeof path !== 'string') return undefined;
  const model = await playgroundModel(path);
  if (model === undefined) void window.showInformationMessage(l10n.t('There is no model at {0} any more.', path));
  return model;
}
