/** One line of the event log as text: writing an event, and reading a line that may come from any hand or version. */
import { EVENT_SCHEMA_VERSION, type EventLogHeader, type RunEvent } from './events.ts';

/** Why a line is no event: it is damaged, or was written by a newer version. */
export class EventLineError extends Error {
  override readonly name = 'EventLineError';
  readonly kind: 'damaged' | 'newer';

  constructor(kind: 'damaged' | 'newer', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Fields that a view computes with, by event type; a measure that is no number (a diverged loss) is null in JSON. */
const REQUIRED_FIELDS: Readonly<
  Record<RunEvent['type'], { strings?: readonly string[]; counts?: readonly string[]; measures?: readonly string[] }>
> = {
  status: { strings: ['status'] },
  selection: { strings: ['strategy'], counts: ['k', 'trainableParameters', 'totalParameters', 'trainableShare'] },
  plan: { strings: ['device', 'plan'], counts: ['totalSteps', 'stepsPerEpoch', 'learningRate'] },
  step: {
    counts: ['step', 'epoch', 'learningRate', 'tokens', 'stepMs', 'tokensPerSecond', 'etaMs', 'memoryBytes'],
    measures: ['loss', 'gradNorm'],
  },
  evaluation: { counts: ['step', 'examples'], measures: ['loss'] },
  checkpoint: { strings: ['path'], counts: ['step'] },
  resumed: { counts: ['step'] },
  message: { strings: ['level', 'text'] },
  result: { strings: ['adapter'], counts: ['steps', 'peakMemoryBytes'], measures: ['finalLoss'] },
  merged: { strings: ['output'], counts: ['lostDeltas'], measures: ['maxLogitDifference'] },
  evaluated: { strings: ['name', 'path', 'task', 'metric'], counts: ['examples'], measures: ['value', 'low', 'high'] },
};

/** The line of an event or header, with its line end. */
export function formatEventLine(event: RunEvent | EventLogHeader): string {
  return `${JSON.stringify(event)}\n`;
}

/**
 * The event or header of a complete line, without its line end; undefined for event types that this version does not
 * know.
 * @throws EventLineError
 */
export function parseEventLine(line: string): RunEvent | EventLogHeader | undefined {
  const fields = parseObject(line);
  const type = fields['type'];
  if (typeof type !== 'string' || !Number.isFinite(fields['time'])) {
    throw new EventLineError('damaged', 'expected an event with "type" and "time"');
  }
  if (type === 'log') {
    checkSchemaVersion(fields['schemaVersion']);
    return fields as unknown as EventLogHeader;
  }
  if (!isKnownType(type)) return undefined;
  checkFields(fields, type);
  return fields as unknown as RunEvent;
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new EventLineError('damaged', 'expected an event as a JSON object, found text that is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new EventLineError('damaged', 'expected an event as a JSON object');
  }
  return value as Record<string, unknown>;
}

function checkSchemaVersion(version: unknown): void {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new EventLineError('damaged', 'expected a whole number as schemaVersion');
  }
  if (version > EVENT_SCHEMA_VERSION) {
    throw new EventLineError(
      'newer',
      `the event log has schema version ${String(version)}, this product reads up to ${String(EVENT_SCHEMA_VERSION)}`,
    );
  }
}

function isKnownType(type: string): type is RunEvent['type'] {
  return Object.hasOwn(REQUIRED_FIELDS, type);
}

/** Checks the fields in place; measures that JSON could not hold become NaN again. */
function checkFields(fields: Record<string, unknown>, type: RunEvent['type']): void {
  const { strings = [], counts = [], measures = [] } = REQUIRED_FIELDS[type];
  for (const name of measures) {
    if (fields[name] === null) fields[name] = Number.NaN;
  }
  const wrong =
    strings.find((name) => typeof fields[name] !== 'string') ??
    counts.find((name) => !Number.isFinite(fields[name])) ??
    measures.find((name) => typeof fields[name] !== 'number');
  if (wrong !== undefined) {
    throw new EventLineError('damaged', `the ${type} event has no valid "${wrong}"`);
  }
}
