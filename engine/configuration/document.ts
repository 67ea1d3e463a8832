/** The text of a configuration as a document: places of faults as lines and columns. */
import type { ConfigurationProblem } from '../protocol/configuration/configurationProblem.ts';
import { fieldText, type Fault } from './fault.ts';
import { JsonTextError, parseJsonText, type JsonNode, type TextSpan } from './jsonText.ts';
import type { Override } from './override.ts';

export interface ConfigurationDocument {
  /** Undefined where there is no text, or it is no JSON. */
  readonly node: JsonNode | undefined;
  /** Faults of the text itself. */
  readonly problems: readonly ConfigurationProblem[];
}

export function parseDocument(text: string | undefined): ConfigurationDocument {
  if (text === undefined) return { node: undefined, problems: [] };
  const problems: ConfigurationProblem[] = [];
  try {
    const node = parseJsonText(text, (key) => {
      const message = `the key ${text.slice(key.start, key.end)} is given twice: keep one of them`;
      problems.push({ ...placeOf(key, text), field: '', message });
    });
    return { node, problems };
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    problems.push({ ...placeOf(error.span, text), field: '', message: error.message });
    return { node: undefined, problems };
  }
}

/** The fault at the place where its value, or its key, is written, or with the flag that gave the value. */
export function problemOf(
  fault: Fault,
  root: JsonNode | undefined,
  text: string,
  overrides: readonly Override[],
): ConfigurationProblem {
  const field = fieldText(fault.path);
  const flag = overrides.findLast(
    (override) => field === override.field || field.startsWith(`${override.field}.`),
  )?.flag;
  const span = root === undefined ? { start: 0, end: 0 } : spanOf(fault, root);
  return { ...placeOf(span, text), field, message: fault.message, ...(flag === undefined ? {} : { flag }) };
}

/** A scalar's own place; of objects and lists, and for a field that is missing from one, that of its key. */
function spanOf(fault: Fault, root: JsonNode): TextSpan {
  let node = root;
  let key: TextSpan | undefined;
  for (const name of fault.path) {
    const member = typeof name === 'string' ? node.members?.get(name) : undefined;
    const next = member?.node ?? (typeof name === 'number' ? node.items?.[name] : undefined);
    if (next === undefined) break;
    key = member?.key;
    node = next;
  }
  const isScalar = node.members === undefined && node.items === undefined;
  if (isScalar && fault.isKey !== true) return node;
  return key ?? { start: node.start, end: node.start + 1 };
}

function placeOf(span: TextSpan, text: string): Omit<ConfigurationProblem, 'field' | 'message'> {
  const start = lineAndColumn(span.start, text);
  const end = lineAndColumn(span.end, text);
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

function lineAndColumn(position: number, text: string): { line: number; column: number } {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: position - lineStart + 1 };
}
