/** Several adapters: the order in which they are merged, changed with buttons. */
import { l10n, QuickInputButtons, ThemeIcon, window, type QuickInputButton, type QuickPickItem } from 'vscode';
import type { AdapterSource } from './adapterSource.ts';

interface AdapterItem extends QuickPickItem {
  readonly source: AdapterSource;
}

/** The adapters in the wanted order; undefined where the user left. */
export function chooseOrder(adapters: readonly AdapterSource[], title: string): Promise<AdapterSource[] | undefined> {
  const up: QuickInputButton = { iconPath: new ThemeIcon('arrow-up'), tooltip: l10n.t('Merge earlier') };
  const down: QuickInputButton = { iconPath: new ThemeIcon('arrow-down'), tooltip: l10n.t('Merge later') };
  let order = [...adapters];
  const input = window.createQuickPick<AdapterItem>();
  const showOrder = (): void => {
    input.items = order.map((source, index) => ({
      source,
      label: `${index + 1}. ${source.name}`,
      description: source.folder,
      buttons: [...(index > 0 ? [up] : []), ...(index < order.length - 1 ? [down] : [])],
    }));
  };
  Object.assign(input, {
    title,
    placeholder: l10n.t('Merged one after the other; Enter to go on'),
    ignoreFocusOut: true,
  });
  input.buttons = [QuickInputButtons.Back];
  showOrder();
  return new Promise((resolve) => {
    input.onDidTriggerItemButton(({ item, button }) => {
      const place = order.indexOf(item.source);
      const target = place + (button === up ? -1 : 1);
      order = order.toSpliced(place, 1).toSpliced(target, 0, item.source);
      showOrder();
    });
    input.onDidTriggerButton(() => {
      input.hide();
    });
    input.onDidAccept(() => {
      resolve(order);
      input.hide();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}
