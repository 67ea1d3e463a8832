import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import type { RunProcess } from '../../engine/protocol/runs/runFolder.ts';
import { livenessOf, thisProcess } from '../../engine/run/processIdentity.ts';
import { acquireRunLock } from '../../engine/run/runLock.ts';
import { summarizeRun } from '../../engine/run/runOverview.ts';
import { createRun, readRunRecord } from '../../engine/run/runRecord.ts';
import { openRun } from '../../engine/run/runSession.ts';
import { newRun, runOf, temporaryFolder } from './runFixture.ts';
import { stepEvent } from './stepEvent.ts';

async function deadProcess(): Promise<RunProcess> {
  const child = spawn(process.execPath, ['-e', '0']);
  await once(child, 'exit');
  return { pid: child.pid!, host: hostname(), startedTime: Date.now(), identity: 'boot:1' };
}

describe('run record', () => {
  test('comes back as written', async () => {
    const folder = join(temporaryFolder(), 'deep', 'run');
    const record = await createRun(folder, runOf(), 42);
    expect(await readRunRecord(folder)).toEqual(record);
    expect(record).toMatchObject({ schemaVersion: 1, createdTime: 42, name: 'a run' });
  });

  test('never overwrites', async () => {
    const run = await newRun();
    const before = readFileSync(join(run, 'run.json'));
    await expect(createRun(run, runOf(), 43)).rejects.toMatchObject({ code: 'files/exists' });
    expect(readFileSync(join(run, 'run.json'))).toEqual(before);
  });

  test('fills a folder that holds only the files of its launch', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'request.json'), '{}');
    writeFileSync(join(folder, 'engine.log'), '');
    await createRun(folder, runOf(), 44);
    expect(await readRunRecord(folder)).toMatchObject({ createdTime: 44 });
    expect(readFileSync(join(folder, 'request.json'), 'utf8')).toBe('{}');
  });

  test('takes over a folder that a launcher prepared, but no other', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'request.json'), '{}');
    writeFileSync(join(folder, 'engine.log'), 'started');
    writeFileSync(join(folder, 'events.jsonl'), 'left by a killed attempt');
    const record = await createRun(folder, runOf(), 42);
    expect(await readRunRecord(folder)).toEqual(record);
    expect((await summarizeRun(folder)).summary.step).toBe(0);
    expect(readFileSync(join(folder, 'engine.log'), 'utf8')).toBe('started');
    await (await openRun(folder)).close();
    const other = temporaryFolder();
    writeFileSync(join(other, 'thesis.txt'), '');
    await expect(createRun(other, runOf(), 42)).rejects.toMatchObject({ code: 'files/exists' });
  });

  test('is created once by many that try at once', async () => {
    for (const prepared of [false, true]) {
      const folder = join(temporaryFolder(), 'run');
      if (prepared) mkdirSync(folder);
      const attempts = await Promise.allSettled(Array.from({ length: 6 }, () => createRun(folder, runOf(), 42)));
      const created = attempts.filter((attempt) => attempt.status === 'fulfilled');
      expect(created.length).toBeLessThanOrEqual(1);
      if (created[0] !== undefined) expect(await readRunRecord(folder)).toEqual(created[0].value);
    }
  });

  test.each([
    ['{"schemaVersion":2}', 'run/newerRun'],
    ['{"schemaVersion":1}', 'run/damagedRecord'],
    ['{"schema', 'run/damagedRecord'],
    ['[]', 'run/damagedRecord'],
    [undefined, 'run/notARun'],
  ])('refuses %s', async (content, code) => {
    const folder = temporaryFolder();
    if (content !== undefined) writeFileSync(join(folder, 'run.json'), content);
    await expect(readRunRecord(folder)).rejects.toMatchObject({ code });
  });
});

describe('liveness', () => {
  test('tells this process from dead ones and from those of other machines', async () => {
    const own = thisProcess(Date.now());
    expect(livenessOf(own)).toBe('alive');
    expect(livenessOf(await deadProcess())).toBe('dead');
    expect(livenessOf({ ...own, host: 'elsewhere' })).toBe('unknown');
  });

  test.runIf(process.platform === 'linux')('tells a process from a later one with its pid', () => {
    expect(livenessOf({ ...thisProcess(Date.now()), identity: 'boot:1' })).toBe('dead');
  });

  test('without a start tick, a pid from before the last boot is dead', () => {
    const { pid, host } = thisProcess(0);
    expect(livenessOf({ pid, host, startedTime: 0 })).toBe('dead');
    expect(livenessOf({ pid, host, startedTime: Date.now() })).toBe('alive');
  });
});

describe('run lock', () => {
  test('gives a run to one of many that claim it at once', async () => {
    const folder = temporaryFolder();
    const claims = await Promise.allSettled(
      Array.from({ length: 8 }, () => acquireRunLock(folder, thisProcess(Date.now()))),
    );
    const won = claims.filter((claim) => claim.status === 'fulfilled');
    expect(won.length).toBeLessThanOrEqual(1);
    for (const claim of won) await claim.value();
    const release = await acquireRunLock(folder, thisProcess(Date.now()));
    await release();
    expect(readdirSync(join(folder, 'lock'))).toEqual([]);
  });

  test('names the process that has the run', async () => {
    const folder = temporaryFolder();
    await acquireRunLock(folder, thisProcess(Date.now()));
    const second = acquireRunLock(folder, thisProcess(Date.now()));
    await expect(second).rejects.toMatchObject({ code: 'run/alreadyDriven' });
    await expect(second).rejects.toThrow(`process ${String(process.pid)} on ${hostname()} drives this run`);
  });

  test('passes over the dead, not over other machines', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lock'));
    const claim = (name: string, record: RunProcess): void =>
      writeFileSync(join(folder, 'lock', name), JSON.stringify(record));
    claim('dead.json', await deadProcess());
    const release = await acquireRunLock(folder, thisProcess(Date.now()));
    await release();
    claim('far.json', { ...thisProcess(Date.now()), host: 'elsewhere' });
    await expect(acquireRunLock(folder, thisProcess(Date.now()))).rejects.toThrow('was last heard of');
  });
});

describe('run session', () => {
  test('is exclusive, and leaves no trace of its process', async () => {
    const folder = await newRun();
    const run = await openRun(folder, { address: '/tmp/socket' });
    await expect(openRun(folder)).rejects.toMatchObject({ code: 'run/alreadyDriven' });
    expect((await summarizeRun(folder)).process).toMatchObject({ pid: process.pid, address: '/tmp/socket' });
    await run.close();
    expect(existsSync(join(folder, 'process.json'))).toBe(false);
    await (await openRun(folder)).close();
  });

  test('tells the observer what the log holds', async () => {
    const seen: RunEvent[] = [];
    const folder = await newRun();
    const run = await openRun(folder, { onEvent: (event) => seen.push(event), now: () => 7 });
    run.append({ type: 'status', status: 'training' });
    run.append(stepEvent(1, 0.5));
    await run.saveCheckpoint({ step: 1, tensors: [], state: {} });
    await run.saveCheckpoint({ step: 1, tensors: [], state: {} });
    await run.close();
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n').slice(1);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(seen);
    expect(seen.map((event) => event.type)).toEqual(['status', 'step', 'checkpoint']);
    expect(run.summary).toMatchObject({
      step: 1,
      loss: 0.5,
      checkpoints: [{ step: 1, path: 'checkpoints/step-000001' }],
    });
  });

  test('keeps the newest checkpoints and that of the best evaluation', async () => {
    const folder = await newRun({ keepCheckpoints: 2 });
    const run = await openRun(folder);
    for (let step = 1; step <= 6; step += 1) {
      run.append(stepEvent(step));
      run.append({ type: 'evaluation', step, loss: Math.abs(step - 2), examples: 1, isBest: step <= 2 });
      await run.saveCheckpoint({ step, tensors: [], state: {} });
    }
    await run.close();
    expect(readdirSync(join(folder, 'checkpoints')).sort()).toEqual(['step-000002', 'step-000005', 'step-000006']);
  });

  test('resumes past a damaged checkpoint, with a warning, and discards it', async () => {
    const folder = await newRun();
    const first = await openRun(folder);
    for (const step of [1, 2]) {
      first.append(stepEvent(step));
      await first.saveCheckpoint({ step, tensors: [], state: { step } });
    }
    await first.close();
    writeFileSync(join(folder, 'checkpoints', 'step-000002', 'state.safetensors'), 'damaged');
    const second = await openRun(folder);
    expect(await second.resume()).toMatchObject({ step: 1, state: { step: 1 } });
    expect(second.summary).toMatchObject({ step: 1, loss: 1, warnings: 1, resumes: 1 });
    await second.close();
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['step-000001']);
  });

  test('starts over where there is no checkpoint', async () => {
    const run = await openRun(await newRun());
    run.append(stepEvent(1));
    expect(await run.resume()).toBeUndefined();
    expect(run.summary.step).toBe(0);
    await run.close();
  });
});
