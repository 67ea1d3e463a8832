/** The Problems panel's entries of the extension: what the engine found wrong, at file and line. */
import { Diagnostic, DiagnosticSeverity, languages, Range, Uri, workspace, type Disposable } from 'vscode';
import type { Problem } from '../../engine/protocol/rpc.ts';

const WHOLE_LINE = Number.MAX_SAFE_INTEGER;

export class ProblemList implements Disposable {
  readonly #collection = languages.createDiagnosticCollection('neuroada');
  /** Files that a check of this configuration file has marked. */
  readonly #marked = new Map<string, Uri[]>();

  /**
   * Replaces what an earlier check of the same origin found.
   * @param origin what was checked: a configuration file, which shows problems that have no line of their own
   */
  replace(origin: Uri, problems: readonly Problem[], rangeOf: (problem: Problem) => Range | undefined): void {
    this.clear(origin);
    const byFile = new Map<string, Diagnostic[]>();
    for (const problem of problems) {
      const { file, line } = problem.place;
      const isOrigin = line === undefined;
      const target = isOrigin ? origin : Uri.file(file ?? origin.fsPath);
      const range = isOrigin
        ? (rangeOf(problem) ?? new Range(0, 0, 0, WHOLE_LINE))
        : new Range(line - 1, 0, line - 1, WHOLE_LINE);
      const list = byFile.get(target.toString()) ?? [];
      list.push(diagnostic(problem, range, isOrigin ? file : undefined));
      byFile.set(target.toString(), list);
    }
    for (const [file, diagnostics] of byFile) this.#collection.set(Uri.parse(file), diagnostics);
    this.#marked.set(
      origin.toString(),
      [...byFile.keys()].map((file) => Uri.parse(file)),
    );
  }

  clear(origin: Uri): void {
    for (const file of this.#marked.get(origin.toString()) ?? []) this.#collection.delete(file);
    this.#marked.delete(origin.toString());
  }

  /** Entries of a data file go when it is saved: the next check tells anew. */
  clearWhenSaved(): Disposable {
    return workspace.onDidSaveTextDocument((document) => this.#collection.delete(document.uri));
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

function diagnostic(problem: Problem, range: Range, file: string | undefined): Diagnostic {
  const field = problem.place.field === undefined ? '' : `${problem.place.field}: `;
  const where = file === undefined ? '' : `${file}: `;
  const severity = problem.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
  const entry = new Diagnostic(range, `${where}${field}${problem.problem}. ${problem.fix}`, severity);
  entry.source = 'NeuroAda';
  entry.code = problem.code;
  return entry;
}
