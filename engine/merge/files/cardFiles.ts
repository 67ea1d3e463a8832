/** The card of a merged model, and what became of the base's own: it stands beside it under another name. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomicFile.ts';
import { explainingErrors } from '../../files/systemError.ts';
import { carryFile } from './carriedFiles.ts';

const CARD_FILE = 'README.md';
const BASE_CARD_FILE = 'README.base.md';

/** @param carried names of the base's files that stand in the folder already */
export async function writeCard(folder: string, card: string, carried: readonly string[]): Promise<void> {
  const file = join(folder, CARD_FILE);
  if (carried.includes(CARD_FILE)) await explainingErrors(file, () => rename(file, join(folder, BASE_CARD_FILE)));
  await writeFileAtomically(file, card);
}

/** Carries the files of a merged folder to that of its base, where its card is that of the base again. */
export async function carryBehindCard(merged: string, folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) if (name !== CARD_FILE) await carryFile(merged, folder, name);
  if (!names.includes(BASE_CARD_FILE)) return;
  const file = join(folder, BASE_CARD_FILE);
  await explainingErrors(file, () => rename(file, join(folder, CARD_FILE)));
}
