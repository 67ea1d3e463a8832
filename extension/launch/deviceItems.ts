/** Devices as items of a list: those that can be used first, the others with what keeps them from it. */
import { l10n, QuickPickItemKind, ThemeIcon, type QuickPickItem } from 'vscode';
import type { DeviceReport } from '../../engine/protocol/devices.ts';
import type { DevicesResult } from '../../engine/protocol/rpc.ts';
import { deviceWord } from '../text/executionWords.ts';
import { bytesText } from '../text/figures.ts';
import type { DeviceSetting } from './launchDraft.ts';

export interface DeviceItem extends QuickPickItem {
  readonly device: DeviceSetting;
  /** Why it cannot be chosen. */
  readonly obstacle?: string;
  /** What the editor can do about it. */
  readonly offer?: DeviceReport['offer'];
}

export function deviceItems({ devices, recommended }: DevicesResult): DeviceItem[] {
  const usable = devices.filter(({ isUsable }) => isUsable);
  const others = devices.filter(({ isUsable }) => !isUsable);
  return [
    {
      device: 'auto',
      label: l10n.t('Best available'),
      description: l10n.t('{0} now', deviceWord(recommended)),
      iconPath: new ThemeIcon('sparkle'),
    },
    ...usable.map(({ device, hasFloat16, name, memoryBytes }) => ({
      device,
      label: deviceWord(device),
      description: [
        name,
        memoryBytes === undefined ? undefined : bytesText(memoryBytes),
        hasFloat16 === true ? l10n.t('with float16') : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(', '),
      iconPath: new ThemeIcon('chip'),
    })),
    ...(others.length === 0 ? [] : [separator(l10n.t('not usable here'))]),
    ...others.map(({ device, reason, fix, offer }) => ({
      device,
      label: deviceWord(device),
      description: reason ?? '',
      detail: fix ?? '',
      obstacle: `${deviceWord(device)}: ${reason ?? ''}. ${fix ?? ''}`,
      ...(offer !== undefined && { offer }),
      iconPath: new ThemeIcon('circle-slash'),
    })),
  ];
}

function separator(label: string): DeviceItem {
  return { device: 'auto', label, kind: QuickPickItemKind.Separator };
}
