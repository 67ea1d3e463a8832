/** The messages of a conversation: a list of {role, content} in which the assistant speaks at least once. */
import type { ReportProblem } from './problems.ts';
import { describeValue, recordError, type SourceRecord } from './formats/record.ts';

export interface Message {
  readonly role: string;
  readonly content: string;
}

/** Names of roles in the ShareGPT format, and what chat templates call them. */
const ROLE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['human', 'user'],
  ['gpt', 'assistant'],
]);

const LIST_FIX = 'Write messages as [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}].';
const ASSISTANT_FIX =
  'Remove the record, or name the fields of your messages in data.fields, such as {"role": "from", "content": "value"}.';

interface Mistake {
  readonly field: string;
  readonly problem: string;
  readonly code?: `data/${string}`;
  readonly fix?: string;
}

/** The record's messages; nothing where a problem was reported instead. */
export function readMessages(
  source: SourceRecord,
  fields: Readonly<Record<string, string>>,
  report: ReportProblem,
): readonly Message[] | undefined {
  const key = fields['messages'] ?? 'messages';
  const read = parseMessages(Object.hasOwn(source.record, key) ? source.record[key] : undefined, key, fields);
  if (!('problem' in read)) return read;
  report(recordError(source.place, read.code ?? 'data/wrongType', read.problem, read.fix ?? LIST_FIX, read.field));
  return undefined;
}

function parseMessages(
  list: unknown,
  key: string,
  fields: Readonly<Record<string, string>>,
): readonly Message[] | Mistake {
  if (list === undefined) return { field: key, code: 'data/missingField', problem: `${key} is missing` };
  if (!Array.isArray(list)) return { field: key, problem: `expected a list of messages, found ${describeValue(list)}` };
  const messages: Message[] = [];
  for (const [index, item] of (list as readonly unknown[]).entries()) {
    const message = parseMessage(item, `${key}[${String(index)}]`, fields);
    if ('problem' in message) return message;
    messages.push(message);
  }
  if (messages.some((message) => message.role === 'assistant' && message.content !== '')) return messages;
  return {
    field: key,
    code: 'data/noAssistantTurn',
    problem: 'expected at least one message of the role "assistant" with content',
    fix: ASSISTANT_FIX,
  };
}

function parseMessage(item: unknown, field: string, fields: Readonly<Record<string, string>>): Message | Mistake {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { field, problem: `expected {role, content}, found ${describeValue(item)}` };
  }
  const texts: string[] = [];
  for (const name of ['role', 'content']) {
    const key = fields[name] ?? name;
    const value = Object.hasOwn(item, key) ? (item as Record<string, unknown>)[key] : undefined;
    if (typeof value !== 'string') {
      const found =
        value === undefined ? `the fields ${Object.keys(item).join(', ') || '(none)'}` : describeValue(value);
      return { field: `${field}.${key}`, problem: `expected text, found ${found}` };
    }
    texts.push(value);
  }
  const [role = '', content = ''] = texts;
  return { role: ROLE_ALIASES.get(role) ?? role, content };
}
