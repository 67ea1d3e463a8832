/** Turns an example into text: the prompt that the model is given and the answer that it shall learn, as spans. */
import { ExpectedError } from '../errors/expected.ts';
import type { RunConfiguration } from '../protocol/configuration/configuration.ts';
import { renderConversation, type TextSpan } from './conversation.ts';
import type { DataTokenizer } from './dataTokenizer.ts';
import type { RecordPlace } from './formats/record.ts';
import type { DataShape, Example } from './shape.ts';

export type DataTemplate = Exclude<RunConfiguration['data']['template'], 'auto'>;

/** An example as text. A chat template writes the special tokens itself; otherwise the tokenizer adds its own. */
export interface RenderedExample {
  readonly spans: readonly TextSpan[];
  readonly hasSpecialTokens: boolean;
}

const ALPACA_HEAD = 'Below is an instruction that describes a task';
const ALPACA_REQUEST = 'Write a response that appropriately completes the request.';

/**
 * The template that "auto" stands for: messages go through the chat template; an instruction too where the checkpoint
 * has one, otherwise through "alpaca"; a completion or text stays "plain". An explicit template is checked.
 * @throws ExpectedError `data/template` where shape, template and checkpoint do not go together
 */
export function resolveTemplate(
  template: DataTemplate | 'auto',
  shape: DataShape,
  tokenizer: Pick<DataTokenizer, 'renderChat'>,
): DataTemplate {
  const hasChat = tokenizer.renderChat !== undefined;
  if (template === 'auto') {
    if (shape === 'messages') return resolveTemplate('chat', shape, tokenizer);
    return shape === 'instruction' ? (hasChat ? 'chat' : 'alpaca') : 'plain';
  }
  const complain = (problem: string, fix: string): ExpectedError =>
    new ExpectedError('data/template', problem, fix, { field: 'data.template' });
  if (template === 'chat' && !hasChat) {
    throw complain(
      'the checkpoint has no chat template, which the template "chat" needs',
      'Take a checkpoint that was made for chat, or records of another shape with the template "alpaca" or "plain".',
    );
  }
  if (shape === 'messages' && template !== 'chat') {
    throw complain(`messages cannot go through the template "${template}"`, 'Set data.template to "chat" or "auto".');
  }
  if (shape === 'text' && template !== 'plain') {
    throw complain(
      `plain text cannot go through the template "${template}"`,
      'Set data.template to "plain" or "auto".',
    );
  }
  return template;
}

/**
 * The example as spans. With "chat" an instruction or prompt is the user's message and the answer the assistant's.
 * @throws ExpectedError from the chat template, or `data/chatTemplate`
 */
export function renderExample(
  example: Example,
  template: DataTemplate,
  tokenizer: Pick<DataTokenizer, 'renderChat'>,
  place: RecordPlace,
): RenderedExample {
  if (example.shape === 'text') return { spans: [{ text: example.text, isAnswer: true }], hasSpecialTokens: false };
  if (example.shape === 'messages' || template === 'chat') {
    const messages = example.shape === 'messages' ? example.messages : messagesOf(example);
    return { spans: renderConversation(messages, chatRenderer(tokenizer), place), hasSpecialTokens: true };
  }
  const answer = example.shape === 'instruction' ? example.output : example.completion;
  return {
    spans: [
      { text: renderPrompt(example, template), isAnswer: false },
      { text: answer, isAnswer: true },
    ],
    hasSpecialTokens: false,
  };
}

/** What the model is given before it answers: the spans before the last answer. */
export function promptOf(rendered: RenderedExample): RenderedExample {
  const lastAnswer = rendered.spans.findLastIndex((span) => span.isAnswer);
  return { ...rendered, spans: rendered.spans.slice(0, Math.max(0, lastAnswer)) };
}

type PromptedExample = Extract<Example, { readonly shape: 'instruction' | 'completion' }>;

/**
 * The prompt as text. "alpaca" is the wording of Stanford Alpaca with a line break after "### Response:", "commonsense"
 * the bare instruction and a line break, both as in the official NeuroAda code; "plain" leaves a {prompt} as it is and
 * ends each part of an instruction with a line break.
 */
function renderPrompt(example: PromptedExample, template: Exclude<DataTemplate, 'chat'>): string {
  const [instruction, input] = partsOf(example);
  switch (template) {
    case 'alpaca':
      return input === ''
        ? `${ALPACA_HEAD}. ${ALPACA_REQUEST}\n\n### Instruction:\n${instruction}\n\n### Response:\n`
        : `${ALPACA_HEAD}, paired with an input that provides further context. ${ALPACA_REQUEST}\n\n` +
            `### Instruction:\n${instruction}\n\n### Input:\n${input}\n\n### Response:\n`;
    case 'plain':
    case 'commonsense':
      if (template === 'plain' && example.shape === 'completion') return instruction;
      return input === '' ? `${instruction}\n` : `${instruction}\n${input}\n`;
  }
}

function messagesOf(example: PromptedExample): { role: string; content: string }[] {
  const [instruction, input] = partsOf(example);
  const answer = example.shape === 'instruction' ? example.output : example.completion;
  return [
    { role: 'user', content: input === '' ? instruction : `${instruction}\n\n${input}` },
    { role: 'assistant', content: answer },
  ];
}

function partsOf(example: PromptedExample): readonly [instruction: string, input: string] {
  return example.shape === 'instruction' ? [example.instruction, example.input] : [example.prompt, ''];
}

function chatRenderer(tokenizer: Pick<DataTokenizer, 'renderChat'>): NonNullable<DataTokenizer['renderChat']> {
  if (tokenizer.renderChat === undefined) throw new Error('renderExample: "chat" without a chat template');
  return tokenizer.renderChat;
}
