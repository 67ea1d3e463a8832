/** The text of a configuration file: only what differs from the defaults, paths relative to the file. */
import { dirname, isAbsolute, relative, sep } from 'node:path';
import type { RunConfiguration, RunConfigurationInput } from '../../engine/protocol/configuration/configuration.ts';

/** @param file where it will be saved */
export async function configurationText(configuration: RunConfigurationInput, file: string): Promise<string> {
  const { runConfigurationSchema } = await import('../../engine/protocol/configuration/configuration.ts');
  const complete = runConfigurationSchema.parse(configuration);
  const defaults = runConfigurationSchema.parse({ base: complete.base, data: { train: complete.data.train } });
  const told = difference(complete, defaults);
  const data = { train: complete.data.train, ...(told['data'] as object | undefined) };
  const inOrder = { base: complete.base, ...told, data } as RunConfiguration;
  const { name, base, ...rest } = withRelativePaths(inOrder, dirname(file));
  delete (rest as Partial<RunConfiguration>).$schema;
  return `${JSON.stringify({ ...(name === undefined ? {} : { name }), base, ...rest }, undefined, 2)}\n`;
}

/** The parts of `value` that differ from `standard`, objects member by member. */
export function difference(value: object, standard: object): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    const usual = (standard as Record<string, unknown>)[key];
    if (JSON.stringify(item) === JSON.stringify(usual)) continue;
    result[key] = isRecord(item) && isRecord(usual) ? difference(item, usual) : item;
  }
  return result;
}

function withRelativePaths(configuration: RunConfiguration, folder: string): RunConfiguration {
  const { base, data, output, questions } = configuration;
  const { train, evaluation } = data;
  const near = (path: string): string => relativePath(path, folder);
  return {
    ...configuration,
    base: near(base),
    data: {
      ...data,
      train: typeof train === 'string' ? near(train) : train.map(near),
      ...(typeof evaluation === 'string' ? { evaluation: near(evaluation) } : {}),
    },
    ...(questions === undefined ? {} : { questions: { ...questions, data: near(questions.data) } }),
    ...(output === undefined ? {} : { output: near(output) }),
  };
}

/** With forward slashes; paths on another drive stay absolute. */
function relativePath(path: string, folder: string): string {
  if (!isAbsolute(path)) return path;
  const near = relative(folder, path);
  return isAbsolute(near) ? path : near.split(sep).join('/');
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
