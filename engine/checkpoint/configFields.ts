/** Typed reading of config.json: each field checked where it is read, and a record of what nobody read. */
import { ExpectedError } from '../errors/expected.ts';

/** The fields of a JSON object. */
export class ConfigFields {
  readonly file: string;
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #prefix: string;
  readonly #read = new Set<string>();

  /** @param prefix path of the object within the file, such as `rope_scaling.` */
  constructor(file: string, value: unknown, prefix = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw configError(file, prefix.replace(/\.$/, ''), `expected an object, found ${describe(value)}`);
    }
    this.file = file;
    this.#prefix = prefix;
    this.#fields = new Map(Object.entries(value));
  }

  /** The raw value; undefined where absent or null. */
  raw(name: string): unknown {
    this.#read.add(name);
    return this.#fields.get(name) ?? undefined;
  }

  integer(name: string, fallback?: number): number {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw this.#wrong(name, 'a positive integer', value);
    return value;
  }

  number(name: string, fallback?: number): number {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw this.#wrong(name, 'a positive number', value);
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false', value);
    return value;
  }

  string(name: string, fallback?: string): string {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'string') throw this.#wrong(name, 'a string', value);
    return value;
  }

  /** Token ids: a number, a list of numbers, or nothing. */
  tokenIds(name: string): readonly number[] {
    const value = this.raw(name);
    const ids: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
    return ids.map((id) => {
      if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) throw this.#wrong(name, 'token ids', value);
      return id;
    });
  }

  object(name: string): ConfigFields | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : new ConfigFields(this.file, value, `${this.#prefix}${name}.`);
  }

  /** Names of the fields that nobody asked for. */
  unread(): readonly string[] {
    return [...this.#fields.keys()].filter((name) => !this.#read.has(name)).map((name) => this.#prefix + name);
  }

  /** An error about an option that is understood but not supported. */
  unsupported(name: string, value: unknown, supported: string): ExpectedError {
    return new ExpectedError(
      'checkpoint/unsupportedOption',
      `${describe(value)} is not supported; supported: ${supported}`,
      'Choose a checkpoint without this option.',
      { file: this.file, field: this.#prefix + name },
    );
  }

  #wrong(name: string, expected: string, value: unknown): ExpectedError {
    return configError(this.file, this.#prefix + name, `expected ${expected}, found ${describe(value)}`);
  }
}

function configError(file: string, field: string, problem: string): ExpectedError {
  const fix = 'Restore config.json from the original checkpoint.';
  return new ExpectedError('checkpoint/invalidConfig', problem, fix, field === '' ? { file } : { file, field });
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
