/** `neuroada generate`: answers a prompt; the text streams to standard output where one side answers. */
import { resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Answer, GenerateParams, GenerateResult, ModelSide } from '../../protocol/answers/generation.ts';
import { DEFAULT_SAMPLING } from '../../protocol/answers/generation.ts';
import { execute, type Execution, type Outcome } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { counted } from '../quantities.ts';

export interface GenerateOptions {
  readonly side?: 'tuned' | 'base' | 'both';
  readonly template: GenerateParams['template'];
  readonly system?: string;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly base?: string;
}

/** Alternatives that come with each token in `--json`. */
const ALTERNATIVES = 5;

export function generate(
  execution: Execution,
  model: string,
  prompt: string | undefined,
  options: GenerateOptions,
): Promise<number> {
  return execute(execution, async ({ signal, note }) => {
    const { terminal, isJson } = execution;
    const params = await paramsOf(model, prompt, options, isJson ? ALTERNATIVES : 0);
    const isStreaming = !isJson && params.sides.length === 1;
    if (!isJson) note('Loading the model.');
    const generateJob = await loadJob('generate');
    let streamed = '';
    const result = await generateJob(
      params,
      {
        onToken: (token) => {
          if (isJson) terminal.writeResult(`${JSON.stringify({ type: 'token', ...token })}\n`);
          streamed += token.text;
          if (isStreaming && params.sampling.stopSequences.length === 0) terminal.writeResult(token.text);
        },
      },
      signal,
    );
    return outcomeOf(result, isStreaming && params.sampling.stopSequences.length === 0 ? streamed : undefined);
  });
}

async function paramsOf(
  model: string,
  prompt: string | undefined,
  options: GenerateOptions,
  alternatives: number,
): Promise<GenerateParams> {
  const { side, template, system, base, stop = [], ...typed } = options;
  const { temperature, topK, topP, repetitionPenalty, seed, maxNewTokens } = { ...DEFAULT_SAMPLING, ...typed };
  return {
    model: resolve(model),
    ...(base === undefined ? {} : { base: resolve(base) }),
    prompt: prompt ?? (await readText(process.stdin)),
    ...(system === undefined ? {} : { system }),
    template,
    sides: await sidesOf(side, model),
    sampling: { temperature, topK, topP, repetitionPenalty, seed, maxNewTokens, stopSequences: stop },
    alternatives,
  };
}

/** A checkpoint has no tuned side: its own is then the one that answers. */
async function sidesOf(side: GenerateOptions['side'], model: string): Promise<readonly ModelSide[]> {
  if (side === 'both') return ['base', 'tuned'];
  if (side !== undefined) return [side];
  const { locateModel } = await import('../../jobs/answering/modelLocation.ts');
  return (await locateModel({ model })).tuning === undefined ? ['base'] : ['tuned'];
}

/** @param streamed what was printed already, if anything was */
function outcomeOf(result: GenerateResult, streamed: string | undefined): Outcome {
  const [only, ...others] = result.answers;
  if (only === undefined || others.length > 0) return { value: result, lines: result.answers.flatMap(answerLines) };
  return { value: result, lines: [streamed === undefined ? only.text : only.text.slice(streamed.length)] };
}

function answerLines({ side, text, tokenCount, elapsedMs }: Answer): readonly string[] {
  const speed = tokenCount === 0 ? '' : `, ${(tokenCount / (elapsedMs / 1000)).toFixed(1)} tok/s`;
  return [`${side} (${counted(tokenCount, 'token')}${speed}):`, text, ''];
}
