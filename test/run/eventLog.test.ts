import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../engine/protocol/runs/events.ts';
import { followEvents } from '../../engine/run/eventFollower.ts';
import { openEventLog } from '../../engine/run/eventLog.ts';
import { replayEvents } from '../../engine/run/eventReader.ts';
import { stepsOf, temporaryFolder } from './runFixture.ts';
import { stepEvent } from './stepEvent.ts';

const HEADER = '{"type":"log","schemaVersion":1,"time":1}\n';

function logPath(content?: string): string {
  const path = join(temporaryFolder(), 'events.jsonl');
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

async function writeSteps(path: string, from: number, to: number): Promise<void> {
  const log = await openEventLog(path, () => 5);
  for (let step = from; step <= to; step += 1) log.append(stepEvent(step));
  log.close();
}

describe('event log', () => {
  test('replays what was appended, one line each', async () => {
    const path = logPath();
    await writeSteps(path, 1, 3);
    await writeSteps(path, 4, 5);
    expect(await replayEvents(path)).toEqual([1, 2, 3, 4, 5].map((step) => ({ ...stepEvent(step), time: 5 })));
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(7);
  });

  test.each([1, 10, 40, 200_000])(
    'leaves out a torn last line of %d bytes and cuts it when reopened',
    async (length) => {
      const path = logPath();
      await writeSteps(path, 1, 3);
      appendFileSync(path, `{"type":"message","time":1,"text":"${'x'.repeat(length)}`.slice(0, length));
      expect(stepsOf(await replayEvents(path))).toEqual([1, 2, 3]);
      await writeSteps(path, 4, 4);
      expect(stepsOf(await replayEvents(path))).toEqual([1, 2, 3, 4]);
    },
  );

  test('writes the header again where it was torn', async () => {
    const path = logPath(HEADER.slice(0, 20));
    expect(await replayEvents(path)).toEqual([]);
    await writeSteps(path, 1, 1);
    expect(stepsOf(await replayEvents(path))).toEqual([1]);
  });

  test('keeps a diverged loss as NaN', async () => {
    const path = logPath();
    const log = await openEventLog(path);
    log.append(stepEvent(1, Number.NaN));
    log.close();
    expect(await replayEvents(path)).toMatchObject([{ step: 1, loss: Number.NaN }]);
  });

  test('skips event types of the same schema that it does not know', async () => {
    const path = logPath(`${HEADER}{"type":"applause","time":2}\n{"type":"resumed","time":3,"step":0}\n`);
    expect(await replayEvents(path)).toEqual([{ type: 'resumed', time: 3, step: 0 }]);
  });

  test('refuses a log of a newer schema, to read and to write', async () => {
    const path = logPath('{"type":"log","schemaVersion":2,"time":1}\n');
    await expect(replayEvents(path)).rejects.toMatchObject({ code: 'run/newerEventLog' });
    await expect(openEventLog(path)).rejects.toMatchObject({ code: 'run/newerEventLog' });
  });

  test.each([
    ['text', 'hello', 'no JSON'],
    ['an array', '[1]', 'JSON object'],
    ['no time', '{"type":"resumed","step":1}', 'time'],
    ['a missing number', '{"type":"resumed","time":1}', '"step"'],
    ['a missing text', '{"type":"status","time":1}', '"status"'],
    ['an infinite number', '{"type":"resumed","time":1,"step":1e999}', '"step"'],
  ])('names the line that holds %s', async (_, line, problem) => {
    const path = logPath(`${HEADER}{"type":"resumed","time":1,"step":0}\n${line}\n`);
    const error = { code: 'run/damagedEventLog', place: { file: path, line: 3 } };
    await expect(replayEvents(path)).rejects.toMatchObject(error);
    await expect(replayEvents(path)).rejects.toThrow(problem);
  });

  test('refuses a log without a header', async () => {
    const path = logPath('{"type":"resumed","time":1,"step":0}\n');
    await expect(replayEvents(path)).rejects.toMatchObject({ place: { line: 1 } });
  });

  test('streams a log of many blocks', async () => {
    const path = logPath();
    await writeSteps(path, 1, 5000);
    expect(stepsOf(await replayEvents(path))).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  });
});

describe('event follower', () => {
  async function follow(path: string, until: (events: readonly RunEvent[]) => boolean, write: () => Promise<void>) {
    const controller = new AbortController();
    const events: RunEvent[] = [];
    const following = followEvents(
      path,
      (event) => {
        events.push(event);
        if (until(events)) controller.abort();
      },
      controller.signal,
    );
    await write();
    await following;
    return events;
  }

  test('gives old events, then new ones as they come, before the log exists too', async () => {
    const path = logPath();
    const events = await follow(
      path,
      (seen) => seen.length === 300,
      async () => {
        await writeSteps(path, 1, 100);
        await new Promise((resolve) => setTimeout(resolve, 30));
        await writeSteps(path, 101, 300);
      },
    );
    expect(stepsOf(events)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  test('waits for the rest of a line, also across a multi-byte character', async () => {
    const path = logPath(HEADER);
    const line = Buffer.from('{"type":"message","time":2,"level":"info","text":"größer"}\n');
    const events = await follow(
      path,
      (seen) => seen.length === 1,
      async () => {
        appendFileSync(path, line.subarray(0, line.indexOf('ö') + 1));
        await new Promise((resolve) => setTimeout(resolve, 30));
        appendFileSync(path, line.subarray(line.indexOf('ö') + 1));
      },
    );
    expect(events).toMatchObject([{ text: 'größer' }]);
  });

  test('ends when the log is deleted, and says when it was replaced', async () => {
    const deleted = logPath(HEADER);
    await follow(
      deleted,
      () => false,
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        rmSync(deleted);
      },
    );
    const replaced = logPath(HEADER);
    const following = follow(
      replaced,
      () => false,
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        truncateSync(replaced, 3);
      },
    );
    await expect(following).rejects.toMatchObject({ code: 'run/replacedEventLog' });
  });
});
