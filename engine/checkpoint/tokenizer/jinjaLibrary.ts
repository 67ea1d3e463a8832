/** The Jinja library behind the types that this engine uses: the package's own declarations do not resolve in ES modules. */
import * as library from '@huggingface/jinja';

interface JinjaEnvironment {
  set(name: string, value: unknown): unknown;
}

interface JinjaLibrary {
  /** Parses its source; `parsed` is what an interpreter runs. */
  readonly Template: new (source: string) => { readonly parsed: object };
  readonly Environment: new () => JinjaEnvironment;
  readonly Interpreter: new (environment: JinjaEnvironment) => { run(program: object): { readonly value: unknown } };
}

export const { Template, Environment, Interpreter } = library as unknown as JinjaLibrary;
