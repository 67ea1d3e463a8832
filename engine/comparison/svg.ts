/** Parts of the charts' SVG, for a page of a fixed size with margins for axes and names. */

export const WIDTH = 720;
export const HEIGHT = 420;
export const MARGIN = { left: 76, right: 150, top: 24, bottom: 60 } as const;

/** Colours that people of any colour vision can tell apart (Okabe and Ito 2008). */
export const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#000000'] as const;

export function page(parts: readonly string[], title: string): string {
  const size = `width="${String(WIDTH)}" height="${String(HEIGHT)}" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${String(WIDTH)}" height="${String(HEIGHT)}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke = '#8a8a8a', more = ''): string {
  return `<line x1="${place(x1)}" y1="${place(y1)}" x2="${place(x2)}" y2="${place(y2)}" stroke="${stroke}"${more}/>`;
}

export function circle(x: number, y: number, color: string, label: string, radius = 5): string {
  return `<circle cx="${place(x)}" cy="${place(y)}" r="${place(radius)}" fill="${color}"><title>${escaped(label)}</title></circle>`;
}

export function rectangle(x: number, y: number, width: number, height: number, color: string, label: string): string {
  const size = `width="${place(width)}" height="${place(height)}"`;
  return `<rect x="${place(x)}" y="${place(y)}" ${size} fill="${color}"><title>${escaped(label)}</title></rect>`;
}

export function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end' = 'middle'): string {
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" fill="#1f1f1f">${escaped(content)}</text>`;
}

/** Text from the bottom up, for the vertical axis. */
export function risingText(x: number, y: number, content: string): string {
  const turn = `rotate(-90 ${place(x)} ${place(y)})`;
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="middle" transform="${turn}" fill="#1f1f1f">${escaped(content)}</text>`;
}

function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
