/** A field of comma-separated text (RFC 4180). */

export const CSV_LINE_END = '\r\n';

/** A leading =, +, - or @ would be a formula to a spreadsheet: names are somebody's text. */
export function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
