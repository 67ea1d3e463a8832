/** The user's settings; those that could make an untrusted workspace act are restricted in package.json. */
import { dirname, isAbsolute, resolve } from 'node:path';
import { Uri, workspace } from 'vscode';
import type { RunConfiguration } from '../../engine/protocol/configuration/configuration.ts';
import type { InstallCudaParams } from '../../engine/protocol/cuda.ts';

export type NotificationLevel = 'all' | 'failures' | 'none';

export function defaultDevice(): RunConfiguration['engine']['device'] {
  return workspace.getConfiguration('neuroada').get('defaultDevice', 'auto');
}

export function threadCount(): number | 'auto' {
  const count = workspace.getConfiguration('neuroada').get<number>('threads', 0);
  return count > 0 ? count : 'auto';
}

/** Where CUDA support is installed from, if not from nuget.org; the engine checks what it is given. */
export function cudaArchive(): InstallCudaParams {
  const configuration = workspace.getConfiguration('neuroada');
  const from = configuration.get('cudaArchive', '').trim();
  const sha512 = configuration.get('cudaArchiveSha512', '').trim();
  return { ...(from !== '' && { from }), ...(sha512 !== '' && { sha512 }) };
}

/** Tells Node to follow the usual variables of proxies, for which the editor's own setting stands in. */
export function networkEnvironment(): Readonly<Record<string, string>> {
  const proxy = workspace.getConfiguration('http').get('proxy', '').trim();
  return { NODE_USE_ENV_PROXY: '1', ...(proxy !== '' && { HTTP_PROXY: proxy, HTTPS_PROXY: proxy }) };
}

export function notificationLevel(): NotificationLevel {
  return workspace.getConfiguration('neuroada').get('notifications', 'all');
}

/** Where new runs go that belong to this folder. */
export function runsFolderIn(folder: string): string {
  const setting = workspace.getConfiguration('neuroada', Uri.file(folder)).get('runsFolder', 'runs');
  return isAbsolute(setting) ? setting : resolve(folder, setting);
}

/** The workspace folder of a file, else the first one, else the file's own folder. */
export function homeFolderOf(file: string): string {
  const own = workspace.getWorkspaceFolder(Uri.file(file)) ?? workspace.workspaceFolders?.[0];
  return own?.uri.fsPath ?? dirname(file);
}
