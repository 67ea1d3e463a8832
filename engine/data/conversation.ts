/** Finds the assistant's turns in a conversation that a chat template has rendered. */
import type { DataTokenizer } from './dataTokenizer.ts';
import type { Message } from './messages.ts';
import { recordError, type RecordPlace } from './formats/record.ts';

/** A stretch of an example's text, of one kind: answer (learnt) or prompt (only read). */
export interface TextSpan {
  readonly text: string;
  readonly isAnswer: boolean;
}

type RenderChat = NonNullable<DataTokenizer['renderChat']>;

/**
 * The rendered conversation as spans; every assistant turn is an answer, its end-of-turn token included.
 *
 * A turn starts where the messages before it, rendered with the generation prompt, end, and ends where the messages up
 * to it end; line breaks after its end-of-turn token are left out. Some templates write earlier turns in another way
 * than the last one (they leave out its thinking); there the turn's content is looked for in the text, followed by the
 * same end-of-turn token.
 * @throws ExpectedError `data/chatTemplate` where neither way finds the turn
 */
export function renderConversation(
  messages: readonly Message[],
  renderChat: RenderChat,
  place: RecordPlace,
): readonly TextSpan[] {
  const full = renderChat(messages, { addGenerationPrompt: false });
  const spans: TextSpan[] = [];
  let done = 0;
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const turn = findTurn(full, done, messages, index, renderChat);
    if (turn === undefined) {
      throw recordError(
        place,
        'data/chatTemplate',
        "the checkpoint's chat template rewrites this assistant turn, so that it cannot be found in the rendered text",
        'Write the turn as the template would, without thinking and tool calls, or end the conversation with it.',
        `messages[${String(index)}].content`,
      );
    }
    spans.push({ text: full.slice(done, turn.start), isAnswer: false });
    spans.push({ text: full.slice(turn.start, turn.end), isAnswer: true });
    done = turn.end;
  }
  spans.push({ text: full.slice(done), isAnswer: false });
  return spans.filter((span) => span.text !== '');
}

interface Turn {
  readonly start: number;
  readonly end: number;
}

function findTurn(
  full: string,
  from: number,
  messages: readonly Message[],
  index: number,
  renderChat: RenderChat,
): Turn | undefined {
  const content = messages[index]?.content.trim() ?? '';
  const start = findStart(full, from, content, messages.slice(0, index), renderChat);
  if (start === undefined) return undefined;
  const contentAt = full.indexOf(content, start);
  const contentEnd = contentAt === -1 ? start : contentAt + content.length;
  const upToTurn = renderChat(messages.slice(0, index + 1), { addGenerationPrompt: false });
  if (full.startsWith(upToTurn)) {
    const trimmed = upToTurn.trimEnd().length;
    return { start, end: trimmed > contentEnd ? trimmed : upToTurn.length };
  }
  const endOfTurn = upToTurn.slice(upToTurn.lastIndexOf(content) + content.length).trimEnd();
  if (contentAt === -1 || !full.startsWith(endOfTurn, contentEnd)) return undefined;
  return { start, end: contentEnd + endOfTurn.length };
}

function findStart(
  full: string,
  from: number,
  content: string,
  before: readonly Message[],
  renderChat: RenderChat,
): number | undefined {
  if (before.length > 0) {
    const prompt = renderChat(before, { addGenerationPrompt: true });
    if (prompt.length >= from && full.startsWith(prompt)) return prompt.length;
  }
  const found = content === '' ? -1 : full.indexOf(content, from);
  return found === -1 ? undefined : found;
}
