/** The editor's colours for what stands around and upon a picture. */
import type { Scene } from './scene.ts';

export function lineColor({ theme }: Scene): string {
  const fallback = theme.isDark ? '#45454a' : '#c8c8c8';
  return theme.isHighContrast
    ? theme.color('contrastBorder', foregroundOf(theme.isDark))
    : theme.color('panel-border', fallback);
}

export function foreground({ theme }: Scene): string {
  return theme.color('foreground', foregroundOf(theme.isDark));
}

export function focusColor({ theme }: Scene): string {
  return theme.isHighContrast
    ? theme.color('contrastActiveBorder', theme.color('focusBorder', foregroundOf(theme.isDark)))
    : theme.color('focusBorder', '#0078d4');
}

function foregroundOf(isDark: boolean): string {
  return isDark ? '#cccccc' : '#3b3b3b';
}
