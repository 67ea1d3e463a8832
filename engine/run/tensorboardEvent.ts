/**
 * The messages of TensorBoard's event files that scalar curves need, in protobuf encoding (tensorflow/core/util/
 * event.proto and tensorflow/core/framework/summary.proto).
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { RunEvent } from '../protocol/runs/events.ts';

const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1, start: 1 } as const;

/** First message of each file. */
export function encodeFileVersion(time: number): Uint8Array {
  return startEvent(time, 0).tag(EVENT.fileVersion, WireType.LengthDelimited).string('brain.Event:2').finish();
}

/** The session starts: whatever earlier files hold of `step` and later steps no longer counts. */
export function encodeSessionStart(time: number, step: number): Uint8Array {
  const writer = startEvent(time, step);
  writer.tag(EVENT.sessionLog, WireType.LengthDelimited).fork();
  writer.tag(SESSION_LOG.status, WireType.Varint).int32(SESSION_LOG.start);
  return writer.join().finish();
}

/** @param time milliseconds since the epoch */
export function encodeScalars(time: number, step: number, scalars: ReadonlyMap<string, number>): Uint8Array {
  const writer = startEvent(time, step);
  writer.tag(EVENT.summary, WireType.LengthDelimited).fork();
  for (const [tag, value] of scalars) {
    writer.tag(SUMMARY_VALUE, WireType.LengthDelimited).fork();
    writer.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
    writer.tag(VALUE.simpleValue, WireType.Bit32).float(Math.fround(value));
    writer.join();
  }
  return writer.join().finish();
}

/** The curves that an event adds a point to, with the point's value. */
export function scalarsOf(event: RunEvent): { step: number; scalars: ReadonlyMap<string, number> } | undefined {
  if (event.type === 'step') {
    const scalars = new Map([
      ['train/loss', event.loss],
      ['train/learning_rate', event.learningRate],
      ['train/grad_norm', event.gradNorm],
      ['train/epoch', event.epoch],
      ['train/tokens_per_second', event.tokensPerSecond],
      ['train/memory_bytes', event.memoryBytes],
    ]);
    return { step: event.step, scalars };
  }
  if (event.type === 'evaluation') {
    const scores = Object.entries(event.scores ?? {}).map(([name, score]) => [`eval/${name}`, score] as const);
    return { step: event.step, scalars: new Map([['eval/loss', event.loss], ...scores]) };
  }
  return undefined;
}

function startEvent(time: number, step: number): BinaryWriter {
  const writer = new BinaryWriter().tag(EVENT.wallTime, WireType.Bit64).double(time / 1000);
  return step === 0 ? writer : writer.tag(EVENT.step, WireType.Varint).int64(step);
}
