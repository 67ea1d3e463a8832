/** The editor's theme as a canvas needs it: which of the four kinds it is, and its colours, read anew when it changes. */

export type ThemeKind = 'light' | 'dark' | 'highContrast' | 'highContrastLight';

/** Kind by the attribute that the editor sets on the body. */
const KINDS: Readonly<Record<string, ThemeKind>> = {
  'vscode-light': 'light',
  'vscode-dark': 'dark',
  'vscode-high-contrast': 'highContrast',
  'vscode-high-contrast-light': 'highContrastLight',
};

export interface Theme {
  readonly kind: ThemeKind;
  readonly isDark: boolean;
  readonly isHighContrast: boolean;
  /** Value of an editor colour such as `editor-foreground`; `otherwise` where the theme leaves it out. */
  color(name: string, otherwise: string): string;
  /** As CSS has it, such as `13px system-ui`. */
  readonly font: string;
}

export function readTheme(): Theme {
  const styles = getComputedStyle(document.body);
  const kind = KINDS[document.body.dataset['vscodeThemeKind'] ?? ''] ?? 'dark';
  return {
    kind,
    isDark: kind === 'dark' || kind === 'highContrast',
    isHighContrast: kind === 'highContrast' || kind === 'highContrastLight',
    color: (name, otherwise) => styles.getPropertyValue(`--vscode-${name}`).trim() || otherwise,
    font: `${styles.fontSize} ${styles.fontFamily}`,
  };
}

/** Calls back after every change of theme, of its colours, or of the device's pixel ratio. Returns how to stop. */
export function observeTheme(onChange: () => void): () => void {
  // The editor sets colours on the root's style and the kind on the body, in no fixed order: one call for both.
  let isScheduled = false;
  const changed = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      onChange();
    });
  };
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-kind'] });
  const stopPixels = observePixelRatio(changed);
  return () => {
    observer.disconnect();
    stopPixels();
  };
}

/** A media query matches one ratio only, so that each change needs a new one. */
function observePixelRatio(onChange: () => void): () => void {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  let stopNext = (): void => undefined;
  const changed = (): void => {
    onChange();
    stopNext = observePixelRatio(onChange);
  };
  query.addEventListener('change', changed, { once: true });
  return () => {
    query.removeEventListener('change', changed);
    stopNext();
  };
}

/** Whether the user asked for less motion. */
export function prefersReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
