/** The engine's jobs process from source, as the extension starts its bundle. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { JobsEngine } from '../../extension/engine/jobsEngine.ts';

/** @param environment of the process, and nothing else */
export function startJobsEngine(environment: Readonly<Record<string, string>> = {}): JobsEngine {
  const server = join(import.meta.dirname, '../../engine/server/main.ts');
  const engine = new JobsEngine({ program: process.execPath, arguments: [server], environment });
  onTestFinished(() => engine.dispose());
  return engine;
}
