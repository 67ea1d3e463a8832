/** Tests how the view asks: a few at a time, in line, cancelled when nobody looks, asked again after a failure. */
import { expect, test } from 'vitest';
import type { InspectionRequestMessage } from '../../engine/protocol/connectionsView.ts';
import { Answers } from '../../webview/connections/inquiry/answers.ts';
import { Inquiries } from '../../webview/connections/inquiry/inquiries.ts';

type Posted = InspectionRequestMessage | { readonly type: 'cancel'; readonly id: number };

function setUp() {
  const posted: Posted[] = [];
  const inquiries = new Inquiries((message) => posted.push(message));
  let changes = 0;
  const answers = new Answers(inquiries, () => (changes += 1));
  return { posted, inquiries, answers, changes: () => changes };
}

const identify = (path: string) => ['inspection/identify', { path }, 'r1'] as const;
const result = { kind: 'tensors', file: '/x' } as const;

test('six requests run at a time, the others follow in line', () => {
  const { posted, inquiries } = setUp();
  const heard: string[] = [];
  for (let number = 1; number <= 9; number++)
    inquiries.ask(
      'inspection/identify',
      { path: String(number) },
      {
        answer: () => heard.push(`answer ${number}`),
        fail: ({ text }) => heard.push(`${text} ${number}`),
        progress: ({ done }) => heard.push(`progress ${done}`),
      },
    );
  expect(posted.map((message) => message.id)).toEqual([1, 2, 3, 4, 5, 6]);
  inquiries.receive({ type: 'progress', id: 2, progress: { phase: 'x', done: 5, total: 9 } });
  inquiries.receive({ type: 'answer', id: 2, result });
  inquiries.receive({ type: 'requestFailed', id: 1, problem: { text: 'broken', isBug: false } });
  inquiries.receive({ type: 'answer', id: 2, result });
  expect(posted.map((message) => message.id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(heard).toEqual(['progress 5', 'answer 2', 'broken 1']);
});

test('a cancelled request is taken back where it is, and makes room', () => {
  const { posted, inquiries } = setUp();
  const inquiriesMade = Array.from({ length: 8 }, (_, number) =>
    inquiries.ask(
      'inspection/identify',
      { path: String(number) },
      { answer: () => expect.unreachable(), fail: () => undefined },
    ),
  );
  inquiriesMade[7]!.cancel();
  inquiriesMade[0]!.cancel();
  inquiriesMade[0]!.cancel();
  expect(posted.slice(6)).toEqual([{ type: 'cancel', id: 1 }, expect.objectContaining({ type: 'request', id: 7 })]);
  inquiries.receive({ type: 'answer', id: 1, result });
});

test('what is looked at is asked once, kept by revision, and cancelled when a drawing no longer looks', () => {
  const { posted, inquiries, answers, changes } = setUp();
  const draw = (...paths: string[]) => answers.round(() => paths.map((path) => answers.of(...identify(path)).status));
  expect(draw('a', 'b')).toEqual(['waiting', 'waiting']);
  expect(draw('a', 'b')).toEqual(['waiting', 'waiting']);
  expect(posted.length).toBe(2);
  inquiries.receive({ type: 'answer', id: 1, result });
  expect(changes()).toBe(1);
  expect(draw('a')).toEqual(['known']);
  expect(posted.at(-1)).toEqual({ type: 'cancel', id: 2 });
  draw();
  expect(draw('a')).toEqual(['known']);
  expect(answers.known(...identify('a'))).toEqual(result);
  expect(answers.known('inspection/identify', { path: 'a' }, 'r2')).toBeUndefined();
  expect(draw('b')).toEqual(['waiting']);
});

test('a failure stays until it is tried again', () => {
  const { posted, inquiries, answers } = setUp();
  const draw = () => answers.round(() => answers.of(...identify('a')));
  draw();
  inquiries.receive({ type: 'requestFailed', id: 1, problem: { text: 'no', isBug: false } });
  expect(draw()).toEqual({ status: 'failed', problem: { text: 'no', isBug: false } });
  expect(posted.length).toBe(1);
  answers.retry();
  expect(draw().status).toBe('waiting');
  expect(posted.length).toBe(2);
});
