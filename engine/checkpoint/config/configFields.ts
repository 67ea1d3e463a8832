/** Typed reading of config.json: every field that is asked for is checked, and the keys nobody asked for are known. */
import { ExpectedError } from '../../errors/expected.ts';
import type { StrictJson } from '../strictJson.ts';

export type JsonObject = ReadonlyMap<string, StrictJson>;

export function isJsonObject(value: StrictJson | undefined): value is JsonObject {
  return value instanceof Map;
}

/** The fields of one JSON object. `undefined` as default means that the field must be there. */
export interface ConfigFields {
  readonly file: string;
  /** The raw value; absent is undefined. */
  raw(key: string): StrictJson | undefined;
  positiveInteger(key: string, defaultValue?: number): number;
  /** Like positiveInteger; null and absent give null. */
  optionalPositiveInteger(key: string): number | null;
  positiveNumber(key: string, defaultValue?: number): number;
  /** Like positiveNumber; null and absent give null. */
  optionalPositiveNumber(key: string): number | null;
  boolean(key: string, defaultValue: boolean): boolean;
  optionalText(key: string): string | null;
  object(key: string): JsonObject | null;
  /** Keys of the object that were never read. */
  unreadKeys(): readonly string[];
}

/** @param prefix of the field names in messages, such as `rope_scaling.` */
export function configFields(object: JsonObject, file: string, prefix = ''): ConfigFields {
  const read = new Set<string>();
  const raw = (key: string): StrictJson | undefined => {
    read.add(key);
    return object.get(key);
  };
  const number = (key: string, kind: string, isValid: (value: number) => boolean, defaultValue?: number): number => {
    const value = raw(key) === undefined ? defaultValue : raw(key);
    if (typeof value === 'number' && isValid(value)) return value;
    throw invalidConfig(file, prefix + key, kind, value);
  };
  const isPositiveInteger = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  const isPositive = (value: number): boolean => Number.isFinite(value) && value > 0;
  return {
    file,
    raw,
    positiveInteger: (key, defaultValue) => number(key, 'a positive whole number', isPositiveInteger, defaultValue),
    optionalPositiveInteger: (key) =>
      isAbsent(raw(key)) ? null : number(key, 'a positive whole number or null', isPositiveInteger),
    positiveNumber: (key, defaultValue) => number(key, 'a positive number', isPositive, defaultValue),
    optionalPositiveNumber: (key) => (isAbsent(raw(key)) ? null : number(key, 'a positive number or null', isPositive)),
    boolean: (key, defaultValue) => {
      const value = raw(key) ?? defaultValue;
      if (typeof value === 'boolean') return value;
      throw invalidConfig(file, prefix + key, 'true or false', value);
    },
    optionalText: (key) => {
      const value = raw(key) ?? null;
      if (value === null || typeof value === 'string') return value;
      throw invalidConfig(file, prefix + key, 'a string or null', value);
    },
    object: (key) => {
      const value = raw(key) ?? null;
      if (value === null || isJsonObject(value)) return value;
      throw invalidConfig(file, prefix + key, 'an object or null', value);
    },
    unreadKeys: () => [...object.keys()].filter((key) => !read.has(key)),
  };
}

/** Whether a field says nothing: it is missing or null. */
export function isAbsent(value: StrictJson | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** The error for a field whose value is of the wrong kind. */
export function invalidConfig(
  file: string,
  field: string,
  expected: string,
  found: StrictJson | undefined,
): ExpectedError {
  const problem = `expected ${expected}, found ${jsonText(found)}`;
  return new ExpectedError('checkpoint/invalidConfig', problem, 'Correct the field or fetch the file again.', {
    file,
    field,
  });
}

/** The error for a field whose value the engine cannot compute with. */
export function unsupportedOption(
  file: string,
  field: string,
  found: StrictJson | undefined,
  supported: string,
): ExpectedError {
  const problem = `${jsonText(found)} is not supported; supported: ${supported}`;
  return new ExpectedError('checkpoint/unsupportedOption', problem, 'Choose a checkpoint without this option.', {
    file,
    field,
  });
}

/** A JSON value as text, cut to a readable length. */
export function jsonText(value: StrictJson | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof Map ? (Object.fromEntries(item) as unknown) : item,
  );
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
