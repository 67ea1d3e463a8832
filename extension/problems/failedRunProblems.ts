/**
 * A run that failed for its model or data lists every problem in the Problems panel, at file and line, until it goes on
 * or is deleted.
 */
import { join } from 'node:path';
import { Uri, type Disposable } from 'vscode';
import { RUN_FILES } from '../../engine/protocol/runs/runFolder.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import { isRunning, type Run } from '../runs/run.ts';
import type { RunStore } from '../runs/runStore.ts';
import type { ErrorReport } from './errorReport.ts';
import type { ProblemList } from './problemList.ts';

/** Codes of failures that reading model and data again explains. */
const INPUT_FAILURE = /^(data|checkpoint)\//;

export interface InputCheck {
  readonly store: RunStore;
  readonly jobs: JobsEngine;
  readonly problems: ProblemList;
  readonly errors: ErrorReport;
}

export function listFailedRunProblems({ store, jobs, problems, errors }: InputCheck): Disposable {
  const going = new Set<string>();
  const listed = new Set<string>();
  return store.onDidChange(({ folders }) => {
    for (const folder of folders) {
      const run = store.get(folder);
      const isGoing = run !== undefined && (isRunning(run) || run.queued !== undefined);
      if (listed.has(folder) && (run === undefined || isGoing)) {
        problems.clear(originOf(folder));
        listed.delete(folder);
      }
      if (isGoing) going.add(folder);
      else if (going.delete(folder) && run !== undefined && hasInputFailure(run)) {
        listed.add(folder);
        check(run, jobs, problems).catch((error: unknown) => {
          errors.note(`cannot check the inputs of ${folder}`, error);
        });
      }
    }
  });
}

function hasInputFailure({ summary }: Run): boolean {
  return summary.status === 'failed' && INPUT_FAILURE.test(summary.code ?? '');
}

async function check({ folder, identity }: Run, jobs: JobsEngine, problems: ProblemList): Promise<void> {
  const { configuration } = identity;
  if (configuration === undefined) return;
  const found = await jobs.run('check', { configuration }, new AbortController().signal);
  problems.replace(originOf(folder), found.problems, () => undefined);
}

/** Problems that have no line show at what the run was asked to train. */
function originOf(folder: string): Uri {
  return Uri.file(join(folder, RUN_FILES.request));
}
