/** The editor's four default themes: colours as VS Code 1.139 gives them to a webview, in themes/, and its fonts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const THEME_KINDS = ['light', 'dark', 'highContrast', 'highContrastLight'] as const;

export type EditorThemeKind = (typeof THEME_KINDS)[number];

export interface EditorTheme {
  readonly variables: Readonly<Record<string, string>>;
  /** As the editor sets them on the body. */
  readonly bodyClass: string;
  readonly kindAttribute: string;
}

const BODY = {
  light: { bodyClass: 'vscode-light', kindAttribute: 'vscode-light' },
  dark: { bodyClass: 'vscode-dark', kindAttribute: 'vscode-dark' },
  highContrast: { bodyClass: 'vscode-high-contrast', kindAttribute: 'vscode-high-contrast' },
  highContrastLight: {
    bodyClass: 'vscode-high-contrast vscode-high-contrast-light',
    kindAttribute: 'vscode-high-contrast-light',
  },
};

const FONTS = {
  '--vscode-font-family': 'system-ui, "Ubuntu", "Droid Sans", sans-serif',
  '--vscode-font-weight': 'normal',
  '--vscode-font-size': '13px',
  '--vscode-editor-font-family': "'Droid Sans Mono', monospace",
  '--vscode-editor-font-weight': 'normal',
  '--vscode-editor-font-size': '14px',
};

export function editorTheme(kind: EditorThemeKind): EditorTheme {
  const text = readFileSync(join(import.meta.dirname, 'themes', `${kind}.json`), 'utf8');
  return { variables: { ...FONTS, ...(JSON.parse(text) as Record<string, string>) }, ...BODY[kind] };
}
