/** The Connections views that commands opened: one per set of sources. */
import type { ConnectionSource } from '../../engine/protocol/connections/connectionSource.ts';
import { PanelRoom } from '../webviews/panelRoom.ts';
import { ConnectionsPanel, type ConnectionsPanelPorts } from './connectionsPanel.ts';
import { restoredSources, type ShownSources } from './restoredSources.ts';

export type ConnectionsPanels = PanelRoom<ConnectionsPanel, ShownSources>;

export function createConnectionsPanels(ports: ConnectionsPanelPorts): ConnectionsPanels {
  return new PanelRoom<ConnectionsPanel, ShownSources>({
    viewType: 'neuroada.connections',
    show: (panel, sources) => new ConnectionsPanel(panel, { kind: 'sources', sources }, ports, false),
    isShown: (panel, sources) => isSame(panel.sources, sources),
    restored: restoredSources,
  });
}

/** A run is the same at every moment: the view has a slider. */
function isSame(shown: ShownSources | undefined, wanted: ShownSources): boolean {
  if (shown?.length !== wanted.length) return false;
  const isAlone = wanted.length === 1;
  return wanted.every((source, index) => nameOf(source, isAlone) === nameOf(shown[index], isAlone));
}

function nameOf(source: ConnectionSource | undefined, isAlone: boolean): string {
  if (source?.kind === 'run' && isAlone) return `run ${source.folder}`;
  return JSON.stringify(source);
}
