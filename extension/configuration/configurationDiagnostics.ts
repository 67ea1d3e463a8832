/**
 * Marks in configuration files what the JSON Schema cannot see, such as a path that leads nowhere. Where the JSON
 * support of the editor marks a line already, its entry stands alone.
 */
import type { Uri } from 'vscode';
import {
  Diagnostic,
  DiagnosticSeverity,
  languages,
  Range,
  workspace,
  type Disposable,
  type TextDocument,
} from 'vscode';
import type { ConfigurationProblem } from '../../engine/protocol/configuration/configurationProblem.ts';
import type { JobsEngine } from '../engine/jobsEngine.ts';
import type { ErrorReport } from '../problems/errorReport.ts';
import { CONFIGURATION_FILES } from './configurationLens.ts';

const SOURCE = 'NeuroAda';
const TYPING_PAUSE_MS = 400;

export class ConfigurationDiagnostics implements Disposable {
  readonly #jobs: JobsEngine;
  readonly #errors: ErrorReport;
  readonly #collection = languages.createDiagnosticCollection('neuroada-configuration');
  readonly #found = new Map<string, Diagnostic[]>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #subscriptions: Disposable[];

  constructor(jobs: JobsEngine, errors: ErrorReport) {
    this.#jobs = jobs;
    this.#errors = errors;
    this.#subscriptions = [
      workspace.onDidOpenTextDocument((document) => this.#checkSoon(document)),
      workspace.onDidChangeTextDocument(({ document }) => this.#checkSoon(document)),
      workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      workspace.onDidGrantWorkspaceTrust(() => this.#checkAll()),
      languages.onDidChangeDiagnostics(({ uris }) => {
        for (const uri of uris) if (this.#found.has(uri.toString())) this.#show(uri);
      }),
    ];
    this.#checkAll();
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const subscription of [...this.#subscriptions, this.#collection]) subscription.dispose();
  }

  #checkAll(): void {
    for (const document of workspace.textDocuments) this.#checkSoon(document);
  }

  #checkSoon(document: TextDocument): void {
    if (!workspace.isTrusted || languages.match(CONFIGURATION_FILES, document) === 0) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    const check = (): void => {
      this.#check(document).catch((error: unknown) => {
        this.#errors.note(`cannot check ${document.uri.fsPath}`, error);
      });
    };
    this.#timers.set(key, setTimeout(check, TYPING_PAUSE_MS));
  }

  async #check(document: TextDocument): Promise<void> {
    const { version, uri } = document;
    const params = { text: document.getText(), file: uri.fsPath };
    const { problems } = await this.#jobs.run('readConfiguration', params, new AbortController().signal);
    if (document.isClosed || document.version !== version) return;
    this.#found.set(uri.toString(), problems.map(diagnosticOf));
    this.#show(uri);
  }

  #show(uri: Uri): void {
    const marked = languages.getDiagnostics(uri).filter(({ source }) => source !== SOURCE);
    const found = this.#found.get(uri.toString()) ?? [];
    const own = found.filter(({ range }) => !marked.some((other) => other.range.intersection(range) !== undefined));
    const shown = this.#collection.get(uri) ?? [];
    if (shown.length === own.length && own.every((entry, index) => entry === shown[index])) return;
    this.#collection.set(uri, own);
  }

  #forget(uri: Uri): void {
    clearTimeout(this.#timers.get(uri.toString()));
    this.#timers.delete(uri.toString());
    this.#found.delete(uri.toString());
    this.#collection.delete(uri);
  }
}

export function diagnosticOf({ line, column, endLine, endColumn, field, message }: ConfigurationProblem): Diagnostic {
  const range = new Range(line - 1, column - 1, endLine - 1, endColumn - 1);
  const entry = new Diagnostic(range, field === '' ? message : `${field}: ${message}`, DiagnosticSeverity.Error);
  entry.source = SOURCE;
  return entry;
}
