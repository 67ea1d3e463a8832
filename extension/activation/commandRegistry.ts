/** Registers commands whose failures reach the user through the one error report. */
import { commands, type Disposable } from 'vscode';
import type { ErrorReport } from '../problems/errorReport.ts';

/** A handler gets what the editor gives: the resource or node of a menu, and the whole selection. */
export type CommandHandlers = Readonly<Record<string, (target: unknown, selection: unknown) => Promise<void>>>;

export function registerCommands(errors: ErrorReport, handlers: CommandHandlers): Disposable[] {
  return Object.entries(handlers).map(([id, handler]) =>
    commands.registerCommand(id, (target: unknown, selection: unknown) =>
      errors.guard(() => handler(target, selection)),
    ),
  );
}
