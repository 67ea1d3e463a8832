/** Safetensors files in the editor: connections for adapters, selections and training states, else a table of tensors. */
import { window, type CustomReadonlyEditorProvider, type Disposable } from 'vscode';
import { ConnectionsPanel, type ConnectionsPanelPorts } from './connectionsPanel.ts';

export const SAFETENSORS_EDITOR = 'neuroada.safetensors';

export function registerConnectionsEditor(ports: ConnectionsPanelPorts): Disposable {
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: (document, panel) => {
      new ConnectionsPanel(panel, { kind: 'file', path: document.uri.fsPath }, ports, true);
    },
  };
  return window.registerCustomEditorProvider(SAFETENSORS_EDITOR, provider, {
    supportsMultipleEditorsPerDocument: true,
  });
}
