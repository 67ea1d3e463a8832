import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonLines, runProgram, type CommandResult } from './commandLine.ts';

const PROGRAM = join(import.meta.dirname, 'programs', 'slowJob.ts');

/** Sends the signals one after the other, each when the program has written something more. */
async function interrupt(args: readonly string[], ...signals: NodeJS.Signals[]): Promise<CommandResult> {
  return runProgram(PROGRAM, args, undefined, (child) => {
    const send = (): void => {
      const signal = signals.shift();
      if (signal !== undefined) child.kill(signal);
    };
    child.stderr!.on('data', send);
    if (args.includes('--json')) child.stdout!.once('data', send);
  });
}

describe.skipIf(process.platform === 'win32')('a stop signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s stops the job in good order and gives exit code %d', async (signal, exitCode) => {
    expect(await interrupt(['save'], signal)).toEqual({
      exitCode,
      stdout: 'Stopped after step 3.\n',
      stderr: 'training\nStopping. Again to quit at once.\n',
    });
  });

  test('cancels a job that has nothing to save', async () => {
    const { exitCode, stdout, stderr } = await interrupt(['cancel'], 'SIGINT');
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(stderr).toContain('Cancelled; nothing was left behind.');
  });

  test('ends as an object with --json', async () => {
    const saved = await interrupt(['save', '--json'], 'SIGINT');
    expect(jsonLines(saved.stdout).at(-1)).toEqual({ type: 'result', command: 'train', status: 'stopped' });
    const cancelled = await interrupt(['cancel', '--json'], 'SIGINT');
    expect(jsonLines(cancelled.stdout).at(-1)).toEqual({ type: 'cancelled', command: 'train' });
  });

  test('given twice ends the process at once, even in the middle of a computation', async () => {
    const start = performance.now();
    const { exitCode, stdout } = await interrupt(['block'], 'SIGINT', 'SIGINT');
    expect({ exitCode, stdout }).toEqual({ exitCode: null, stdout: '' });
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

test('a bug exits with 3, shows its trace with the cause, and says where it is kept', async () => {
  const { exitCode, stdout, stderr } = await runProgram(PROGRAM, ['bug', '--json']);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/TypeError: undefined is not a delta\n +at .*slowJob\.ts/);
  expect(stderr).toContain('Caused by: Error: the inner reason');
  const error = jsonLines(stdout).at(-1)!;
  expect(error).toMatchObject({ type: 'error', code: 'bug', problem: 'undefined is not a delta' });
  const logFile = String(error['logFile']);
  expect(readFileSync(logFile, 'utf8')).toContain('undefined is not a delta');
  rmSync(logFile);
});
