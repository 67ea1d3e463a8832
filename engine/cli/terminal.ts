/** The terminal as commands see it: results go to standard output, all else to standard error. */
import { styleText } from 'node:util';

export type TextStyle = Parameters<typeof styleText>[0];

export interface Terminal {
  readonly writeResult: (text: string) => void;
  readonly writeNote: (text: string) => void;
  /** Whether notes go to a terminal that can redraw a line. */
  readonly isInteractive: boolean;
  /** Width of that terminal now. */
  readonly columns: () => number;
  /** Styles a note where the terminal has colours and the user wants them (NO_COLOR). */
  readonly style: (style: TextStyle, text: string) => string;
  /** How the user called the product, to be repeated in hints. */
  readonly invocation: string;
}

const DEFAULT_COLUMNS = 80;

/** The process's own terminal. A reader that goes away, as `head` does, ends the output and not the work. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on('error', ignoreGoneReader);
  const isInteractive = stderr.isTTY && env['TERM'] !== 'dumb';
  const hasColours = stderr.isTTY && stderr.hasColors();
  return {
    writeResult: (text) => stdout.write(text),
    writeNote: (text) => stderr.write(text),
    isInteractive,
    columns: () => (stderr.isTTY && stderr.columns > 0 ? stderr.columns : DEFAULT_COLUMNS),
    style: (style, text) => (hasColours ? styleText(style, text, { validateStream: false }) : text),
    invocation: env['npm_lifecycle_event'] === 'neuroada' ? 'npm run -s neuroada --' : 'neuroada',
  };
}

/** The argument as a POSIX shell takes it. */
export function shellQuoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}
