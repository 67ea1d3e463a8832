/**
 * As much of the editor's interface as the extension touches when it is activated: classes that hold what they are
 * given, a workspace of one folder, and for everything else a function that answers with something to dispose of.
 */
import Module from 'node:module';

export interface FakeEditor {
  /** What was given to `window.createTreeView`, by view id. */
  readonly treeViews: Map<string, { treeDataProvider: TreeDataProvider }>;
  readonly commands: Map<string, (...args: unknown[]) => unknown>;
}

export interface TreeDataProvider {
  getChildren(node?: unknown): Promise<unknown[]>;
  onDidChangeTreeData(listener: () => void): unknown;
  getTreeItem(node: unknown): {
    readonly label?: string;
    readonly description?: string;
    readonly contextValue?: string;
  };
}

class FakeUri {
  readonly scheme = 'file';
  readonly fsPath: string;
  readonly path: string;
  constructor(path: string) {
    this.fsPath = path;
    this.path = path;
  }
  static file(path: string): FakeUri {
    return new FakeUri(path);
  }
  static joinPath(base: FakeUri, ...parts: string[]): FakeUri {
    return new FakeUri([base.path, ...parts].join('/'));
  }
  toString(): string {
    return `file://${this.path}`;
  }
}

class FakeEventEmitter {
  readonly #listeners = new Set<(value: unknown) => void>();
  readonly event = (listener: (value: unknown) => void): { dispose: () => void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value: unknown): void {
    for (const listener of this.#listeners) listener(value);
  }
}

/** Holds what it was made of; the first part is a tree item's label. */
class Holder {
  readonly label: unknown;
  readonly values: readonly unknown[];
  constructor(...values: unknown[]) {
    this.label = values[0];
    this.values = values;
  }
}

/** Answers every call and every property with itself; awaited, it is nothing. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_, name) => (name === 'then' ? undefined : name === Symbol.iterator ? [][Symbol.iterator] : anything),
  apply: () => anything,
  construct: () => ({}),
});

function namespace(known: Readonly<Record<string, unknown>>): unknown {
  return new Proxy(known, {
    get: (target, name) => (name in target ? (Reflect.get(target, name) as unknown) : anything),
  });
}

/** Puts the fake where `require('vscode')` finds it. */
export function installFakeEditor(workspaceFolder: string): FakeEditor {
  const editor: FakeEditor = { treeViews: new Map(), commands: new Map() };
  const fake = namespace({
    ...{ Uri: FakeUri, EventEmitter: FakeEventEmitter, TreeItem: Holder, ThemeIcon: Holder, ThemeColor: Holder },
    ...{ MarkdownString: Holder, Range: Holder, RelativePattern: Holder, CodeLens: Holder, Diagnostic: Holder },
    l10n: {
      t: (text: string, ...values: unknown[]) =>
        text.replaceAll(/\{(\d)\}/g, (_, place) => String(values[Number(place)])),
    },
    window: namespace({
      createTreeView: (id: string, options: { treeDataProvider: TreeDataProvider }) => {
        editor.treeViews.set(id, options);
        return { dispose: () => undefined, selection: [] };
      },
    }),
    commands: namespace({
      registerCommand: (id: string, handler: (...args: unknown[]) => unknown) => {
        editor.commands.set(id, handler);
        return { dispose: () => editor.commands.delete(id) };
      },
      executeCommand: () => Promise.resolve(),
    }),
    workspace: namespace({
      isTrusted: true,
      workspaceFolders: [{ uri: new FakeUri(workspaceFolder), name: 'workspace', index: 0 }],
      textDocuments: [],
      findFiles: () => Promise.resolve([]),
      getConfiguration: () => ({ get: (_: string, usual: unknown) => usual }),
    }),
  });
  const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (request === 'vscode' ? fake : load.call(Module, request, ...rest));
  return editor;
}
