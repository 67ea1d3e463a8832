/** Whole runs of the command line on random weights, each in a process of its own, and the memory that they took. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { writeRandomCheckpoint } from './randomCheckpoint.ts';

const PROJECT = join(import.meta.dirname, '../..');

export interface MeasuredMemory {
  readonly predictedBytes: number;
  readonly measuredBytes: number;
}

/** Random weights with the sample's tokenizer, whose vocabulary is smaller than any of the shapes'. */
export async function writeBase(base: string, config: Readonly<Record<string, unknown>>): Promise<void> {
  await writeRandomCheckpoint(base, config, 'F32');
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(PROJECT, 'media/sample/checkpoint', file), join(base, file));
  }
}

/** Texts of more tokens than the longest row. */
export function longTexts(): string {
  const words = ['order', 'refund', 'parcel', 'late', 'invoice', 'help'];
  const text = (row: number): string =>
    Array.from({ length: 3000 }, (_, word) => words[(row * 7 + word * word) % words.length]).join(' ');
  return Array.from({ length: 64 }, (_, row) => `${JSON.stringify({ text: text(row) })}\n`).join('');
}

/** @param settings fields of the configuration */
export async function runOnce(
  base: string,
  data: string,
  output: string,
  steps: number,
  settings: Readonly<Record<string, unknown>>,
): Promise<MeasuredMemory> {
  const { stdout } = await execa(process.execPath, [
    join(PROJECT, 'engine/cli/main.ts'),
    ...['train', '--base', base, '--data', data, '--output', output],
    ...['--max-steps', String(steps), '--json'],
    ...Object.entries(settings).flatMap(([field, value]) => ['--set', `${field}=${JSON.stringify(value)}`]),
  ]);
  const events = stdout.split('\n').map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const valueOf = (field: string): number => Number(events.find((event) => field in event)?.[field]);
  return { predictedBytes: valueOf('predictedPeakBytes'), measuredBytes: valueOf('peakMemoryBytes') };
}
