/** The HTML of a webview: nothing but a script, a style sheet and translations, under a strict policy. */
import { TRANSLATIONS_ELEMENT_ID } from '../../engine/protocol/webview.ts';

export interface PageParts {
  /** Where the webview's resources come from, as the editor says. */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  /** Fresh for every page, from a cryptographic source. */
  readonly nonce: string;
  readonly language: string;
  readonly title: string;
  /** English text to translation. */
  readonly translations: Readonly<Record<string, unknown>>;
}

/** The UI toolkit adds one empty style element: this is its hash. */
const EMPTY_STYLE_HASH = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

export function pageHtml(parts: PageParts): string {
  const { cspSource, script, style, nonce, language, title, translations } = parts;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} ${EMPTY_STYLE_HASH}`,
    `font-src ${cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="${escaped(style)}">
</head>
<body>
<script type="application/json" id="${TRANSLATIONS_ELEMENT_ID}">${dataBlock(translations)}</script>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

/** JSON that cannot end its own element. */
function dataBlock(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
