/** Data files of the workspace, most likely training data first. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { workspace } from 'vscode';

export interface FoundData {
  /** Absolute. */
  readonly file: string;
  readonly sizeBytes: number;
}

const EXCLUDED = '**/{node_modules,.git,.vscode,runs,checkpoints,adapter}/**';
const LIMIT = 500;

/** JSON files that are no data. */
const SETTINGS_FILE =
  /(^|\.)(package|package-lock|tsconfig.*|jsconfig|config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|adapter_config|run|request|process|selection|settings|launch|tasks|extensions)\.json$|\.neuroada\.json$|\.index\.json$|^events\.jsonl$/;

export async function findData(): Promise<FoundData[]> {
  const files = await workspace.findFiles('**/*.{jsonl,json,csv,tsv,parquet}', EXCLUDED, LIMIT);
  const candidates = files.map((file) => file.fsPath).filter((file) => !SETTINGS_FILE.test(basename(file)));
  const found = await Promise.all(candidates.map(async (file) => ({ file, sizeBytes: (await stat(file)).size })));
  return found.sort((a, b) => trainingRank(a.file) - trainingRank(b.file) || (a.file < b.file ? -1 : 1));
}

function trainingRank(file: string): number {
  const name = basename(file).toLowerCase();
  if (name.includes('train')) return 0;
  return /test|eval|valid|dev|held/.test(name) ? 2 : 1;
}
