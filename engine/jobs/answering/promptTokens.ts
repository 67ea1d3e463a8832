/** Turns a person's prompt into the tokens that a model is given, in the form in which it was trained or made to chat. */
import type { CheckpointTokenizer } from '../../checkpoint/tokenizer/tokenizer.ts';
import { readExamples } from '../../data/exampleReader.ts';
import { promptOf, renderExample, type RenderedExample } from '../../data/template.ts';
import { createExampleEncoder } from '../../data/tokenization.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { GenerateParams } from '../../protocol/answers/generation.ts';
import { readRunRecord } from '../../run/runRecord.ts';

export type SettledTemplate = Exclude<GenerateParams['template'], 'auto'>;

export interface TokenizedPrompt {
  readonly template: SettledTemplate;
  /** Special tokens included. */
  readonly text: string;
  readonly tokens: Int32Array;
}

/**
 * @param runFolder the run whose data `auto` goes by
 * @throws ExpectedError `generation/emptyPrompt`, `generation/template`, `checkpoint/chatTemplate`
 */
export async function promptTokens(
  { prompt, system, template }: Pick<GenerateParams, 'prompt' | 'system' | 'template'>,
  tokenizer: CheckpointTokenizer,
  runFolder: string | undefined,
): Promise<TokenizedPrompt> {
  const settled = template === 'auto' ? await automaticTemplate(tokenizer, runFolder) : template;
  if (system !== undefined && settled !== 'chat') {
    throw templateError(`a system message needs the template "chat", the prompt goes through "${settled}"`);
  }
  const rendered = settled === 'chat' ? renderChat(prompt, system, tokenizer) : renderPlain(prompt, settled, tokenizer);
  const tokens = Int32Array.from(createExampleEncoder(tokenizer).encodePrompt(rendered));
  if (tokens.length === 0) {
    throw new ExpectedError('generation/emptyPrompt', 'the prompt has no token', 'Write a prompt.', {
      field: 'prompt',
    });
  }
  return { template: settled, text: tokenizer.decode([...tokens], { skipSpecialTokens: false }), tokens };
}

/** The template of the run's data, which its first record tells; else the checkpoint's chat template; else none. */
async function automaticTemplate(
  tokenizer: CheckpointTokenizer,
  runFolder: string | undefined,
): Promise<SettledTemplate> {
  const own = tokenizer.renderChat === undefined ? 'plain' : 'chat';
  if (runFolder === undefined) return own;
  const { data } = (await readRunRecord(runFolder)).configuration;
  const [file] = typeof data.train === 'string' ? [data.train] : data.train;
  if (file === undefined) return own;
  try {
    for await (const { source } of readExamples(file, data, tokenizer, () => undefined)) return source.template;
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    const fix = 'Choose a template yourself: chat, alpaca, commonsense or plain.';
    throw new ExpectedError(
      'generation/template',
      `the template of the run's data cannot be told, since the data cannot be read: ${error.problem}`,
      fix,
      error.place,
      error,
    );
  }
  return own;
}

function renderChat(prompt: string, system: string | undefined, tokenizer: CheckpointTokenizer): RenderedExample {
  if (tokenizer.renderChat === undefined) throw templateError('the checkpoint has no chat template');
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: prompt },
  ];
  const text = tokenizer.renderChat(messages, { addGenerationPrompt: true });
  return { spans: [{ text, isAnswer: false }], hasSpecialTokens: true };
}

function renderPlain(
  prompt: string,
  template: Exclude<SettledTemplate, 'chat'>,
  tokenizer: CheckpointTokenizer,
): RenderedExample {
  const place = { file: 'prompt', line: 1, unit: 'line' } as const;
  return promptOf(renderExample({ shape: 'completion', prompt, completion: '' }, template, tokenizer, place));
}

function templateError(problem: string): ExpectedError {
  const fix = 'Choose another template: chat, alpaca, commonsense or plain.';
  return new ExpectedError('generation/template', problem, fix, { field: 'template' });
}
