/** Options that take a number, checked as they are read. */
import { InvalidArgumentError, Option } from 'commander';

export interface NumberRange {
  readonly minimum: number;
  readonly maximum?: number;
  readonly isWhole?: boolean;
}

/** An option such as `--top-k <n>`; a faulty value ends the command line with what was expected. */
export function numberOption(flags: string, description: string, range: NumberRange): Option {
  return new Option(flags, description).argParser((text) => parseNumber(text, range));
}

function parseNumber(text: string, { minimum, maximum = Infinity, isWhole = false }: NumberRange): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= minimum && value <= maximum && (!isWhole || Number.isSafeInteger(value))) return value;
  const kind = isWhole ? 'a whole number' : 'a number';
  const bounds =
    maximum === Infinity ? `of at least ${String(minimum)}` : `from ${String(minimum)} to ${String(maximum)}`;
  throw new InvalidArgumentError(`Expected ${kind} ${bounds}.`);
}
