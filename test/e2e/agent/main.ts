/**
 * An extension that stands in for the editor's agent: a command asks for a tool and its input, invokes it as a model
 * would, and shows the answer as a document.
 */
import { commands, lm, window, workspace, type ExtensionContext } from 'vscode';

async function invokeTool(): Promise<void> {
  const name = await window.showInputBox({ title: 'Tool' });
  const input = await window.showInputBox({ title: 'Input' });
  if (name === undefined || input === undefined) return;
  const invocation = { input: JSON.parse(input) as object, toolInvocationToken: undefined };
  const answer = await lm.invokeTool(name, invocation).then(
    ({ content }) => (content as { readonly value: string }[])[0]!.value,
    (error: unknown) => String(error),
  );
  await window.showTextDocument(await workspace.openTextDocument({ content: answer }));
}

export function activate(context: ExtensionContext): void {
  context.subscriptions.push(commands.registerCommand('agent.invokeTool', invokeTool));
}
