/**
 * The part of the editor's API that host code under test calls, outside an editor: text untranslated, addresses as plain
 * paths, dialogs answered by the test. Test runs resolve `vscode` to this file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the user of a test answers to the dialogs. */
export const answers: {
  savePath?: string;
  openPath?: string;
  picked?: (item: { label: string }) => boolean;
  /** Where one item is to be chosen: by the labels of one pick after the other; undefined where `picked` says. */
  labels?: (string | undefined)[];
  typed?: string[];
  /** Paths that a search for files finds. */
  found?: string[];
  /** The buttons of one message after the other; undefined closes it. */
  buttons?: (string | undefined)[];
} = {};

/** The user's settings, by their names behind `neuroada.`. */
export const settings: Record<string, unknown> = {};

/** Text documents that were shown, by their content. */
export const shownDocuments: string[] = [];

/** Cancels the notification of progress that is on show. */
export const progressCancellation: { cancel: () => void } = { cancel: () => undefined };

/** Commands that were executed, with their arguments. */
export const executedCommands: (readonly [command: string, ...args: unknown[]])[] = [];

/** What notifications of progress said. */
export const progressMessages: string[] = [];

/** Messages shown to the user, in order. */
export const shownMessages: string[] = [];

export const l10n = {
  bundle: undefined,
  t: (message: string, ...args: unknown[]): string =>
    message.replaceAll(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)])),
};

export const env = { language: 'en' };

export class ThemeColor {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class MarkdownString {
  value = '';

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }

  appendText(text: string): this {
    return this.appendMarkdown(text);
  }

  appendCodeblock(text: string): this {
    return this.appendMarkdown(`\n\`\`\`\n${text}\n\`\`\`\n`);
  }
}

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;
  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export class Uri {
  readonly fsPath: string;
  private constructor(fsPath: string) {
    this.fsPath = fsPath;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(join(base.fsPath, ...parts));
  }
  get path(): string {
    return this.fsPath;
  }
  toString(): string {
    return pathToFileURL(this.fsPath).href;
  }
}

const show = (message: string, ...rest: readonly (string | { readonly detail?: string })[]): Promise<unknown> => {
  const details = rest.flatMap((part) => (typeof part === 'string' ? [] : (part.detail ?? [])));
  shownMessages.push([message, ...details].join('\n'));
  const button = answers.buttons?.shift();
  if (button !== undefined && !rest.includes(button)) return Promise.reject(new Error(`no button ${button}`));
  return Promise.resolve(button);
};

export const window = {
  showInformationMessage: show,
  showWarningMessage: show,
  showErrorMessage: show,
  showSaveDialog: (): Promise<Uri | undefined> =>
    Promise.resolve(answers.savePath === undefined ? undefined : Uri.file(answers.savePath)),
  showOpenDialog: (): Promise<Uri[] | undefined> =>
    Promise.resolve(answers.openPath === undefined ? undefined : [Uri.file(answers.openPath)]),
  showQuickPick: (items: readonly { label: string }[]): Promise<unknown> => {
    const label = answers.labels?.shift();
    if (label !== undefined) return Promise.resolve(items.find((item) => item.label === label));
    return Promise.resolve(answers.picked === undefined ? undefined : items.filter(answers.picked));
  },
  showTextDocument: (document: { getText: () => string }): Promise<void> => {
    shownDocuments.push(document.getText());
    return Promise.resolve();
  },
  showInputBox: ({ validateInput }: InputBox): Promise<string | undefined> => {
    const text = answers.typed?.shift();
    const problem = text === undefined ? undefined : validateInput?.(text);
    return problem === undefined ? Promise.resolve(text) : Promise.reject(new Error(problem));
  },
  withProgress: <T>(_options: unknown, task: ProgressTask<T>): Promise<T> =>
    task(
      {
        report: ({ message }) => {
          if (message !== undefined) progressMessages.push(message);
        },
      },
      {
        onCancellationRequested: (cancel) => {
          progressCancellation.cancel = cancel;
          return { dispose: () => undefined };
        },
      },
    ),
};

interface InputBox {
  readonly validateInput?: (text: string) => string | undefined;
}

type ProgressTask<T> = (
  progress: { report: (step: { message?: string }) => void },
  token: { onCancellationRequested: (cancel: () => void) => { dispose: () => void } },
) => Promise<T>;

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;

export class TreeItem {
  command: unknown;
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }
}

export const ProgressLocation = { Notification: 15 } as const;

export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;

export const InputBoxValidationSeverity = { Info: 1, Warning: 2, Error: 3 } as const;

export class Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number) {
    this.start = { line: startLine, character: startCharacter };
    this.end = { line: endLine, character: endCharacter };
  }
}

export class RelativePattern {
  readonly base: Uri;
  readonly pattern: string;
  constructor(base: Uri, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

/** Tests tell host code themselves when files change. */
const silentWatcher = {
  onDidChange: () => ({ dispose: () => undefined }),
  onDidCreate: () => ({ dispose: () => undefined }),
  dispose: () => undefined,
};

export const workspace = {
  isTrusted: true,
  getConfiguration: () => ({ get: (name: string, fallback: unknown): unknown => settings[name] ?? fallback }),
  openTextDocument: async (source: Uri | { readonly content: string }) => {
    const text = 'content' in source ? source.content : await readFile(source.fsPath, 'utf8');
    return { isDirty: false, getText: () => text };
  },
  createFileSystemWatcher: () => silentWatcher,
  findFiles: (): Promise<Uri[]> => Promise.resolve((answers.found ?? []).map((path) => Uri.file(path))),
  asRelativePath: ({ fsPath }: Uri): string => fsPath,
  fs: { writeFile: (uri: Uri, content: Uint8Array): Promise<void> => writeFile(uri.fsPath, content) },
};

export const commands = {
  executeCommand: (command: string, ...args: unknown[]): Promise<undefined> => {
    executedCommands.push([command, ...args]);
    return Promise.resolve(undefined);
  },
};
