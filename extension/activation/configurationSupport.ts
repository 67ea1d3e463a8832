/** What the editor shows in configuration files beyond the JSON Schema: actions above the first line, and problems. */
import type { Disposable } from 'vscode';
import { ConfigurationDiagnostics } from '../configuration/configurationDiagnostics.ts';
import { registerConfigurationLens } from '../configuration/configurationLens.ts';
import type { Services } from './services.ts';

export function registerConfigurationSupport({ jobs, errors }: Services): Disposable[] {
  return [registerConfigurationLens(), new ConfigurationDiagnostics(jobs, errors)];
}
