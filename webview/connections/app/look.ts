/** The colours of all pictures under the editor's theme. */
import { readTheme } from '../../theme/theme.ts';
import { divergingPalette, sequentialPalette, type Ground } from '../color/palette.ts';
import { BLACK, parseColor, WHITE } from '../color/rgb.ts';
import type { Look } from '../view/view.ts';

export function readLook(): Look {
  const theme = readTheme();
  const { isDark, isHighContrast } = theme;
  const color = parseColor(theme.color('editor-background', ''), isDark ? BLACK : WHITE);
  const ground: Ground = { color, isDark, isHighContrast };
  return { theme, ground, sequential: sequentialPalette(ground), diverging: divergingPalette(ground) };
}
