/** Opens evaluations as read-only documents, rendered as the editor renders Markdown. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, l10n, Uri, workspace, type Disposable } from 'vscode';
import {
  EVALUATION_FILES,
  type AnswerRecord,
  type EvaluationSummary,
} from '../../engine/protocol/answers/evaluation.ts';
import { evaluationDocument } from './evaluationDocument.ts';

const SCHEME = 'neuroada-evaluation';
const PREVIEW = 'markdown.showPreview';

export function registerEvaluationDocuments(): Disposable {
  return workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: ({ query }) => readDocument(query),
  });
}

/** @param folder the evaluation's */
export async function openEvaluation(folder: string): Promise<void> {
  const name = folder.split(/[\\/]/).at(-1) ?? '';
  await commands.executeCommand(PREVIEW, Uri.from({ scheme: SCHEME, path: `/${name}.md`, query: folder }));
}

async function readDocument(folder: string): Promise<string> {
  const answersFile = join(folder, EVALUATION_FILES.answers);
  try {
    const summary = JSON.parse(await readFile(join(folder, EVALUATION_FILES.summary), 'utf8')) as EvaluationSummary;
    const lines = (await readFile(answersFile, 'utf8')).split('\n').slice(0, -1);
    return evaluationDocument(
      summary,
      lines.map((line) => JSON.parse(line) as AnswerRecord),
      answersFile,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return l10n.t('The evaluation in {0} cannot be read: {1}', folder, reason);
  }
}
