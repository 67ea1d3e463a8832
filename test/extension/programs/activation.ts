/**
 * Activates the bundled extension in a workspace, as an extension host does: `activation.ts <bundle> <workspace>`. Prints
 * what that costs and what it loads, and how long the runs view then takes to have its rows.
 */
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installFakeEditor } from '../fakeEditor.ts';

export interface Activation {
  /** Processor time of loading the bundle and of `activate`, in milliseconds. */
  readonly activationMs: number;
  /** The same from activation to the first rows of the runs view: every run read, sorted, these described. */
  readonly rowsMs: number;
  readonly firstRows: number;
  readonly rows: readonly { readonly label?: string; readonly description?: string; readonly contextValue?: string }[];
  readonly commands: readonly string[];
  /** Modules of Node and files that loading and activating brought in. */
  readonly loaded: readonly string[];
}

const [bundle, workspace] = process.argv.slice(2) as [string, string];
const editor = installFakeEditor(workspace);
const require = createRequire(import.meta.url);
const state = { get: (_: string, usual: unknown) => usual, update: () => Promise.resolve() };
const context = {
  subscriptions: [],
  extensionPath: workspace,
  extensionUri: { fsPath: workspace, path: workspace },
  globalStorageUri: { fsPath: join(workspace, '.storage') },
  workspaceState: state,
  globalState: state,
};

const before = process.cpuUsage();
const extension = require(bundle) as { activate: (context: unknown) => void };
extension.activate(context);
const { user, system } = process.cpuUsage(before);
const beforeRows = process.cpuUsage();
const loaded = Object.keys(require.cache);
const { treeDataProvider } = editor.treeViews.get('neuroada.runs')!;
// Of many runs the first ones come at once, and all when the view asks again.
const first = await treeDataProvider.getChildren();
const firstRows = first.map((node) => treeDataProvider.getTreeItem(node));
const rowsUsage = process.cpuUsage(beforeRows);
const runCount = (await readdir(join(workspace, 'runs'))).length;
const changed = (): Promise<void> =>
  new Promise((resolve) => void treeDataProvider.onDidChangeTreeData(() => resolve()));
let nodes = first;
while (nodes.length < runCount) {
  await changed();
  nodes = await treeDataProvider.getChildren();
}
const rows = nodes.map((node) => treeDataProvider.getTreeItem(node));
const activation: Activation = {
  activationMs: (user + system) / 1000,
  rowsMs: (rowsUsage.user + rowsUsage.system) / 1000,
  firstRows: firstRows.length,
  rows: rows.map(
    ({ label, description, contextValue }) => ({ label, description, contextValue }) as Activation['rows'][number],
  ),
  commands: [...editor.commands.keys()],
  loaded,
};
process.stdout.write(JSON.stringify(activation), () => process.exit(0));
