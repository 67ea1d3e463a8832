/** What an installation of CUDA support came to: ready, or which libraries are missing and how to get them. */
import { commands, l10n, window, workspace } from 'vscode';
import type { CudaStatus, LibraryAdvice, LibraryWay } from '../../engine/protocol/cuda.ts';
import { bytesText } from '../text/figures.ts';

export async function showCudaOutcome(status: CudaStatus): Promise<void> {
  const advice = neededAdvice(status);
  const installed = l10n.t('CUDA support is installed ({0}).', bytesText(status.sizeBytes));
  if (advice.length === 0) {
    const show = l10n.t('Show Devices');
    const choice = l10n.t('Runs use it where their device is cuda.');
    if ((await window.showInformationMessage(`${installed} ${choice}`, show)) === show)
      await commands.executeCommand('neuroada.showDevices');
    return;
  }
  const how = l10n.t('How to Get Them');
  const products = advice.map(({ product }) => product).join(', ');
  const message = `${installed} ${l10n.t('This system still lacks libraries of: {0}.', products)}`;
  if ((await window.showWarningMessage(message, how)) !== how) return;
  const document = await workspace.openTextDocument({ language: 'markdown', content: adviceText(advice) });
  await window.showTextDocument(document);
}

/** On products of which CUDA cannot do without a library. */
function neededAdvice({ libraries }: CudaStatus): readonly LibraryAdvice[] {
  const needed = new Set(libraries?.missing.filter(({ isNeeded }) => isNeeded).map(({ name }) => name));
  return libraries?.advice.filter((advice) => advice.libraries.some((name) => needed.has(name))) ?? [];
}

function adviceText(advice: readonly LibraryAdvice[]): string {
  const sections = advice.map(({ product, libraries, ways }) =>
    [`## ${product}`, l10n.t('Missing: {0}', libraries.join(', ')), ...ways.map(wayText)].join('\n\n'),
  );
  const title = `# ${l10n.t('Libraries that CUDA needs on this system')}`;
  const end = l10n.t('Then run *NeuroAda: Show Devices*: it tells whether CUDA can be used.');
  return `${[title, ...sections, end].join('\n\n')}\n`;
}

function wayText({ text, command, url }: LibraryWay): string {
  const details = [command === undefined ? undefined : `\`\`\`sh\n${command}\n\`\`\``, url].filter(
    (part) => part !== undefined,
  );
  return [text, ...details].join('\n\n');
}
