import { describe, expect, test } from 'vitest';
import type { DataTemplate } from '../../engine/data/template.ts';
import { promptOf, renderExample, resolveTemplate } from '../../engine/data/template.ts';
import type { DataShape, Example } from '../../engine/data/shape.ts';
import { expectedError } from './dataFolder.ts';
import { byteLevelTokenizer, CHATML } from './smallTokenizer.ts';

const place = { file: 'data.jsonl', line: 1, unit: 'line' } as const;
const chat = byteLevelTokenizer(CHATML);
const noChat = byteLevelTokenizer();

const instruction = (input = ''): Example => ({
  shape: 'instruction',
  instruction: 'Add 1 and 2.',
  input,
  output: '3',
});
const promptText = (example: Example, template: DataTemplate): string =>
  promptOf(renderExample(example, template, chat, place))
    .spans.map(({ text }) => text)
    .join('');

describe('official templates', () => {
  test('"alpaca" without input is that of the arithmetic tasks', () => {
    expect(promptText(instruction(), 'alpaca')).toBe(
      'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n' +
        '### Instruction:\nAdd 1 and 2.\n\n### Response:\n',
    );
  });

  test('"alpaca" with input', () => {
    expect(promptText(instruction('Use words.'), 'alpaca')).toBe(
      'Below is an instruction that describes a task, paired with an input that provides further context. ' +
        'Write a response that appropriately completes the request.\n\n' +
        '### Instruction:\nAdd 1 and 2.\n\n### Input:\nUse words.\n\n### Response:\n',
    );
  });

  test('"commonsense" is the instruction and a line break', () => {
    expect(promptText(instruction(), 'commonsense')).toBe('Add 1 and 2.\n');
  });
});

test('"plain" joins a prompt and its completion as they are, and the parts of an instruction by lines', () => {
  expect(promptText({ shape: 'completion', prompt: 'The sky is', completion: ' blue' }, 'plain')).toBe('The sky is');
  expect(promptText(instruction('Use words.'), 'plain')).toBe('Add 1 and 2.\nUse words.\n');
});

test('"chat" makes the instruction the message of the user', () => {
  const rendered = renderExample(instruction('Use words.'), 'chat', chat, place);
  expect(rendered.hasSpecialTokens).toBe(true);
  expect(rendered.spans).toEqual([
    { text: '<|im_start|>user\nAdd 1 and 2.\n\nUse words.<|im_end|>\n<|im_start|>assistant\n', isAnswer: false },
    { text: '3<|im_end|>', isAnswer: true },
    { text: '\n', isAnswer: false },
  ]);
});

describe('"auto"', () => {
  test.each<[DataShape, boolean, DataTemplate]>([
    ['messages', true, 'chat'],
    ['instruction', true, 'chat'],
    ['instruction', false, 'alpaca'],
    ['completion', true, 'plain'],
    ['text', true, 'plain'],
  ])('%s with chat template %s is "%s"', (shape, hasChat, template) => {
    expect(resolveTemplate('auto', shape, hasChat ? chat : noChat)).toBe(template);
  });

  test.each<[DataTemplate | 'auto', DataShape, boolean]>([
    ['chat', 'instruction', false],
    ['auto', 'messages', false],
    ['alpaca', 'messages', true],
    ['commonsense', 'text', true],
    ['chat', 'text', true],
  ])('"%s" cannot serve %s with chat template %s', async (template, shape, hasChat) => {
    const error = await expectedError(() => resolveTemplate(template, shape, hasChat ? chat : noChat));
    expect([error.code, error.place.field]).toEqual(['data/template', 'data.template']);
  });
});
