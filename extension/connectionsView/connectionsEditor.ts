/** Safetensors files in the editor: connections for adapters, selections and training states, else a table of tensors. */
import { l10n, window, type CustomReadonlyEditorProvider, type Disposable } from 'vscode';
import { ConnectionsPanel, type ConnectionsPanelPorts } from './connectionsPanel.ts';

export const SAFETENSORS_EDITOR = 'neuroada.safetensors';

export function registerConnectionsEditor(ports: ConnectionsPanelPorts): Disposable {
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => {
      if (uri.scheme === 'file') return { uri, dispose: () => undefined };
      throw new Error(l10n.t('Connections and tensors are read from files on disk alone.'));
    },
    resolveCustomEditor: (document, panel) => {
      new ConnectionsPanel(panel, { kind: 'file', path: document.uri.fsPath }, ports, true);
    },
  };
  return window.registerCustomEditorProvider(SAFETENSORS_EDITOR, provider, {
    supportsMultipleEditorsPerDocument: true,
  });
}
