import { Template } from '@huggingface/jinja';
import { expect, test } from 'vitest';
import { renderConversation } from '../../engine/data/conversation.ts';
import type { Message } from '../../engine/data/messages.ts';
import { expectedError } from './dataFolder.ts';
import { CHATML } from './smallTokenizer.ts';

const place = { file: 'data.jsonl', line: 1, unit: 'line' } as const;

/** The conversation with the answers in double brackets. */
function marked(source: string, messages: readonly Message[]): string {
  const template = new Template(source);
  const spans = renderConversation(
    messages,
    (list, { addGenerationPrompt }) =>
      template.render({
        messages: list,
        add_generation_prompt: addGenerationPrompt,
        bos_token: '<s>',
        eos_token: '</s>',
      }),
    place,
  );
  return spans.map(({ text, isAnswer }) => (isAnswer ? `[[${text}]]` : text)).join('');
}

const say = (...contents: readonly string[]): Message[] =>
  contents.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content }));

test('every assistant turn is an answer, its end-of-turn token included, the line break behind it not', () => {
  expect(marked(CHATML, [{ role: 'system', content: 'S' }, ...say('a', 'b', 'c', 'd', 'e')])).toBe(
    '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[[b<|im_end|>]]\n' +
      '<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n[[d<|im_end|>]]\n<|im_start|>user\ne<|im_end|>\n',
  );
});

test('an assistant that speaks first, and twice in a row', () => {
  const messages = [...say('a', 'b').reverse(), { role: 'assistant', content: 'b' }];
  expect(marked(CHATML, messages)).toBe(
    '<|im_start|>assistant\n[[b<|im_end|>]]\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[[b<|im_end|>]]\n',
  );
});

test('the form of Llama 2, where the end of turn is the EOS token', () => {
  const template =
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}" +
    "{% else %}{{ ' ' + m['content'] | trim + ' ' + eos_token }}{% endif %}{% endfor %}";
  expect(marked(template, say('a', ' b\n', 'c', 'd'))).toBe(
    '<s>[INST] a [/INST][[ b </s>]][INST] c [/INST][[ d </s>]]',
  );
});

test('a template without end-of-turn tokens keeps the line break that ends a turn', () => {
  const template =
    "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
  expect(marked(template, say('a', 'b', 'c', 'd'))).toBe('user: a\nassistant: [[b\n]]user: c\nassistant: [[d\n]]');
});

/** As in Qwen 3: only the last turn shows (empty) thinking, so that earlier ones are rendered in another way. */
const THINKING =
  "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' }}{% if loop.last and m['role'] == 'assistant' %}" +
  "{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{{ m['content'].split('</think>')[-1] + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

test('a template that writes earlier turns in another way than the last one', () => {
  expect(marked(THINKING, say('a', 'b', 'c', 'd'))).toBe(
    '<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[[b<|im_end|>]]\n<|im_start|>user\nc<|im_end|>\n' +
      '<|im_start|>assistant\n[[<think>\n\n</think>\n\nd<|im_end|>]]\n',
  );
});

test('a turn that the template rewrites beyond recognition is an error at that message', async () => {
  const error = await expectedError(() => marked(THINKING, say('a', '<think>hm</think>b', 'c', 'd')));
  expect([error.code, error.place.field, error.place.line]).toEqual(['data/chatTemplate', 'messages[1].content', 1]);
});
