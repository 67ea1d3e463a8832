/** "Compare Methods", from the palette or on a configuration file. */
import type { Disposable } from 'vscode';
import { compareMethods } from '../methodComparison/compareMethods.ts';
import { registerCommands } from './commandRegistry.ts';
import type { Services } from './services.ts';

export function registerComparisons({ errors, jobs, comparisons }: Services): Disposable[] {
  return registerCommands(errors, {
    'neuroada.compareMethods': (target) => compareMethods(jobs, target, (output) => comparisons.add(output)),
  });
}
