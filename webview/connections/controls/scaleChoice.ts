/** The choice between linear, logarithmic and symmetric-logarithmic colours. */
import type { TemplateResult } from 'lit';
import type { ScaleKind } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';
import { dropdown } from './choice.ts';

export function scaleChoice(scale: ScaleKind, choose: (scale: ScaleKind) => void): TemplateResult {
  const options = [
    { value: 'linear', label: t('Linear') },
    { value: 'log', label: t('Logarithmic') },
    { value: 'symmetric', label: t('Symmetric log') },
  ] as const;
  return dropdown<ScaleKind>(t('Scale'), options, scale, choose);
}
