/** A checkpoint's chat template: Jinja with the names that transformers gives to templates. */
import { ExpectedError } from '../../errors/expected.ts';
import { Environment, Interpreter, Template } from './jinjaLibrary.ts';
import { strftime } from './strftime.ts';

/** A message as templates see it; fields beyond these two are passed on. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface ChatOptions {
  /** End with the opening of an assistant turn. */
  readonly addGenerationPrompt: boolean;
}

export type RenderChat = (messages: readonly ChatMessage[], options: ChatOptions) => string;

/** Longest list that a template's `range` may make. */
const RANGE_LIMIT = 100_000;

/** What a template says through `raise_exception`. */
class TemplateRefusal extends Error {
  override readonly name = 'TemplateRefusal';
}

/**
 * @param source the Jinja text
 * @param tokens named special tokens by their template name, such as `bos_token`
 * @param time what `strftime_now` tells
 * @param file where the template stands, for messages
 * @throws ExpectedError `checkpoint/chatTemplate`, from here where the template is no valid Jinja, and from the
 *   renderer where it refuses the conversation or fails
 */
export function compileChatTemplate(
  source: string,
  tokens: Readonly<Record<string, string>>,
  time: Date,
  file: string,
): RenderChat {
  const program = explaining(file, () => new Template(source).parsed);
  return (messages, { addGenerationPrompt }) =>
    explaining(file, () => {
      const environment = new Environment();
      const variables = { ...globals(time), ...tokens, messages, add_generation_prompt: addGenerationPrompt };
      for (const [name, value] of Object.entries(variables)) environment.set(name, value);
      return String(new Interpreter(environment).run(program).value);
    });
}

function globals(time: Date): Readonly<Record<string, unknown>> {
  return {
    ...{ true: true, false: false, none: null, True: true, False: false, None: null },
    tools: null,
    documents: null,
    range,
    raise_exception: (message: unknown) => {
      throw new TemplateRefusal(String(message));
    },
    strftime_now: (format: unknown) => strftime(time, String(format)),
  };
}

/** Python's `range`. */
function range(first: number, end?: number, step = 1): readonly number[] {
  const [start, stop] = end === undefined ? [0, first] : [first, end];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= RANGE_LIMIT)) throw new RangeError(`range of ${String(length)} items`);
  return Array.from({ length }, (_, index) => start + index * step);
}

function explaining<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isRefusal = error instanceof TemplateRefusal;
    const reason = error instanceof Error ? error.message : String(error);
    const problem = isRefusal ? `the chat template refuses: ${reason}` : `the chat template fails: ${reason}`;
    const fix = isRefusal
      ? 'Write the conversation as the template wants it, or choose another data template.'
      : 'Fetch the template again, or choose a data template other than "chat".';
    throw new ExpectedError('checkpoint/chatTemplate', problem, fix, { file }, error);
  }
}
