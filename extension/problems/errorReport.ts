/** Tells the user what went wrong, by kind: expected errors with their place, bugs with a way to the log, cancellations not at all. */
import { commands, l10n, Range, Uri, window, type LogOutputChannel } from 'vscode';
import { CancelledError, EngineBugError, EngineDiedError, EngineExpectedError } from '../engine/engineError.ts';
import type { ProblemList } from './problemList.ts';

export class ErrorReport {
  readonly log: LogOutputChannel;
  readonly #problems: ProblemList;

  constructor(log: LogOutputChannel, problems: ProblemList) {
    this.log = log;
    this.#problems = problems;
  }

  /** Runs the work and shows what it throws. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.show(error);
    }
  }

  show(error: unknown): void {
    if (error instanceof CancelledError) return;
    if (error instanceof EngineExpectedError) void this.#showExpected(error);
    else if (isFileError(error)) void window.showErrorMessage(error.message);
    else void this.#showBug(error);
  }

  /** For failures in the background that need no attention now. */
  note(context: string, error: unknown): void {
    this.log.error(context, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  async #showExpected(error: EngineExpectedError): Promise<void> {
    this.log.warn(`${error.code}: ${error.message}`);
    const { file, line } = error.place;
    if (file === undefined || line === undefined) {
      await window.showErrorMessage(error.message);
      return;
    }
    const { code, problem, fix, place } = error;
    this.#problems.replace(Uri.file(file), [{ severity: 'error', code, problem, fix, place }], () => undefined);
    const open = l10n.t('Open Line {0}', line);
    const problems = l10n.t('Show Problems');
    const choice = await window.showErrorMessage(error.message, open, problems);
    if (choice === problems) await commands.executeCommand('workbench.actions.view.problems');
    if (choice !== open) return;
    const selection = new Range(line - 1, 0, line - 1, 0);
    await window.showTextDocument(Uri.file(file), { selection });
  }

  async #showBug(error: unknown): Promise<void> {
    const stack =
      error instanceof EngineBugError ? error.engineStack : error instanceof Error ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    this.log.error(stack ?? message);
    const showLog = l10n.t('Show Log');
    const text =
      error instanceof EngineDiedError
        ? message
        : l10n.t('NeuroAda hit an unexpected error: {0}', message.split('\n')[0] ?? '');
    if ((await window.showErrorMessage(text, showLog)) === showLog) this.log.show();
  }
}

/** What the file system refuses, such as a full disk or a folder without permission, says itself what is wrong. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return (
    error instanceof Error &&
    ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(String(Reflect.get(error, 'code')))
  );
}
