/** Actions above the first line of a configuration file. */
import { CodeLens, l10n, languages, Range, type Disposable, type TextDocument } from 'vscode';

export const CONFIGURATION_FILES = { pattern: '**/*.neuroada.json' } as const;

export function registerConfigurationLens(): Disposable {
  return languages.registerCodeLensProvider(CONFIGURATION_FILES, { provideCodeLenses: lensesOf });
}

function lensesOf({ uri }: TextDocument): CodeLens[] {
  const top = new Range(0, 0, 0, 0);
  return [
    new CodeLens(top, {
      title: `$(play) ${l10n.t('Start Training')}`,
      command: 'neuroada.startFromConfiguration',
      arguments: [uri],
    }),
    new CodeLens(top, { title: l10n.t('Estimate'), command: 'neuroada.estimate', arguments: [uri] }),
    new CodeLens(top, { title: l10n.t('Check Data'), command: 'neuroada.checkData', arguments: [uri] }),
  ];
}
