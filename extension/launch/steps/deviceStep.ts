/** Sixth step: where to compute; devices that cannot be used are listed with the reason. */
import { l10n } from 'vscode';
import { deviceItems, type DeviceItem } from '../deviceItems.ts';
import { showObstacle } from '../deviceObstacle.ts';
import { pick } from '../wizard.ts';
import type { EngineAnswers, LaunchStep } from './launchStep.ts';

export function deviceStep(engine: EngineAnswers): LaunchStep {
  return async (draft, place) => {
    for (;;) {
      const choice = await pick<DeviceItem>({
        place,
        placeholder: l10n.t('Where to compute'),
        items: engine.devices().then(deviceItems),
        isDefault: ({ device }) => device === draft.device,
      }).catch((error: unknown) => {
        engine.showError(error);
        return 'back' as const;
      });
      if (choice === 'back' || choice === 'cancel') return choice;
      if (choice.obstacle === undefined) return { draft: { ...draft, device: choice.device } };
      void showObstacle(choice);
    }
  };
}
