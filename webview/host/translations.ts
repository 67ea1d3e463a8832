/** Text in the user's language: the page carries the extension's translations as a block of data. */
import { TRANSLATIONS_ELEMENT_ID } from '../../engine/protocol/webview.ts';

let translations: Readonly<Record<string, string>> | undefined;

/** The translation of an English text whose `{0}`, `{1}`, ... stand for the arguments. */
export function t(message: string, ...args: readonly (string | number)[]): string {
  translations ??= readTranslations();
  const text = translations[message] ?? message;
  return text.replaceAll(/\{(\d+)\}/g, (place, index: string) => String(args[Number(index)] ?? place));
}

/** The editor's bundle: English text to translation; empty in English. */
function readTranslations(): Readonly<Record<string, string>> {
  const text = document.getElementById(TRANSLATIONS_ELEMENT_ID)?.textContent ?? '{}';
  const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
