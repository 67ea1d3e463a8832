/** Gives a webview its page and the folder that it may load from: the bundle of its name in dist/webview. */
import { randomBytes } from 'node:crypto';
import { env, l10n, Uri, type Webview } from 'vscode';
import { pageHtml } from './page.ts';

export interface ViewPage {
  readonly extensionUri: Uri;
  /** Name of the bundle: the view's folder in webview/. */
  readonly name: string;
  readonly title: string;
}

export function showPage(webview: Webview, { extensionUri, name, title }: ViewPage): void {
  const folder = Uri.joinPath(extensionUri, 'dist', 'webview');
  const file = (fileName: string): string => webview.asWebviewUri(Uri.joinPath(folder, fileName)).toString();
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  webview.html = pageHtml({
    cspSource: webview.cspSource,
    script: file(`${name}.js`),
    style: file(`${name}.css`),
    nonce: randomBytes(16).toString('base64'),
    language: env.language,
    title,
    translations: l10n.bundle ?? {},
  });
}
