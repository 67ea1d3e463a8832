/** What a run executes on, and how, in words. */
import { l10n } from 'vscode';

export function deviceWord(device: string): string {
  const words: Record<string, string> = {
    cpu: 'CPU',
    webgpu: 'GPU (WebGPU)',
    cuda: 'GPU (CUDA)',
    directml: 'GPU (DirectML)',
  };
  return words[device] ?? device;
}

export function planWord(plan: string): string {
  const words: Record<string, string> = { layered: l10n.t('layered'), wholeGraph: l10n.t('whole graph') };
  return words[plan] ?? plan;
}
