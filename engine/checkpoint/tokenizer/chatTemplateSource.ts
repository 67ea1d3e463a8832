/** Where a checkpoint keeps its chat template: `chat_template.jinja`, or a field of `tokenizer_config.json`. */
import { join } from 'node:path';
import { invalidFile, isPlainObject, readOptionalText, type PlainObject } from '../smallFile.ts';

export interface ChatTemplateSource {
  readonly text: string;
  readonly file: string;
}

/** As in transformers, the file goes before the field; of several named templates, "default" is taken. */
export async function readChatTemplate(
  folder: string,
  tokenizerConfig: PlainObject,
): Promise<ChatTemplateSource | undefined> {
  const templateFile = join(folder, 'chat_template.jinja');
  const text = await readOptionalText(templateFile);
  if (text !== undefined) return { text, file: templateFile };
  const file = join(folder, 'tokenizer_config.json');
  const field = tokenizerConfig['chat_template'] ?? undefined;
  if (field === undefined) return undefined;
  if (typeof field === 'string') return { text: field, file };
  if (Array.isArray(field)) {
    const template = field.find((item) => isPlainObject(item) && item['name'] === 'default') as PlainObject | undefined;
    if (typeof template?.['template'] === 'string') return { text: template['template'], file };
  }
  throw invalidFile(file, 'expected chat_template to be a text, or a list of {name, template} with a "default"');
}
