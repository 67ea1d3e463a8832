/** Reads a `*.neuroada.json` file into a configuration, or into everything that is wrong with it. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { explainingErrors } from '../files/systemError.ts';
import {
  runConfigurationSchema,
  selectionConfigurationSchema,
  type RunConfiguration,
  type SelectionConfiguration,
} from '../protocol/configuration/configuration.ts';
import type { ConfigurationProblem } from '../protocol/configuration/configurationProblem.ts';
import { faultsOf, type Fault } from './fault.ts';
import { configurationJsonSchema } from './jsonSchema.ts';
import { parseDocument, problemOf } from './document.ts';
import { applyOverrides, type Override } from './override.ts';
import { pathFaults, withAbsolutePaths } from './paths.ts';
import { ConfigurationProblems } from './problems.ts';

/** Where a configuration comes from. */
export interface ConfigurationSource {
  /** The configuration file; without one the overrides say all. */
  readonly file?: string | undefined;
  readonly overrides?: readonly Override[];
  /** Folder that the overrides' relative paths start from; paths in the file start from the file's folder. */
  readonly folder: string;
}

/** A configuration with absolute paths, or what is wrong. */
export type CheckedConfiguration<C = RunConfiguration> =
  | { readonly configuration: C; readonly problems?: undefined }
  | { readonly configuration?: undefined; readonly problems: readonly ConfigurationProblem[] };

/**
 * Reads a run's configuration: every default filled in, paths absolute and leading somewhere.
 * @throws ConfigurationProblems
 */
export async function loadConfiguration(source: ConfigurationSource): Promise<RunConfiguration> {
  return load(source, runConfigurationSchema);
}

/**
 * As `loadConfiguration`, for selection alone: data may be missing.
 * @throws ConfigurationProblems
 */
export async function loadSelectionConfiguration(source: ConfigurationSource): Promise<SelectionConfiguration> {
  return load(source, selectionConfigurationSchema);
}

/**
 * Checks the text of a configuration file, such as one that is being edited.
 * @param file its path
 */
export async function checkConfigurationText(text: string, file: string): Promise<CheckedConfiguration> {
  return check(text, { file, folder: dirname(file) }, runConfigurationSchema);
}

async function load<C extends SelectionConfiguration>(source: ConfigurationSource, schema: z.ZodType<C>): Promise<C> {
  const { file } = source;
  const text = file === undefined ? undefined : await explainingErrors(file, () => readFile(file, 'utf8'));
  const { configuration, problems } = await check(text, source, schema);
  if (problems !== undefined) throw new ConfigurationProblems(file, problems);
  return configuration;
}

async function check<C extends SelectionConfiguration>(
  text: string | undefined,
  { file, overrides = [], folder }: ConfigurationSource,
  schema: z.ZodType<C>,
): Promise<CheckedConfiguration<C>> {
  const document = parseDocument(text);
  if (document.node === undefined && text !== undefined) return { problems: document.problems };
  const value = applyOverrides(document.node?.value ?? {}, overrides, folder);
  const result = schema.safeParse(value);
  const locate = (fault: Fault): ConfigurationProblem => problemOf(fault, document.node, text ?? '', overrides);
  if (!result.success) {
    const faults = faultsOf(result.error.issues, value, configurationJsonSchema());
    return { problems: inOrder([...document.problems, ...faults.map(locate)]) };
  }
  const configuration = withAbsolutePaths(result.data, file === undefined ? folder : dirname(resolve(file)));
  const faults = await pathFaults(configuration, result.data.base);
  const problems = inOrder([...document.problems, ...faults.map(locate)]);
  return problems.length === 0 ? { configuration } : { problems };
}

function inOrder(problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
