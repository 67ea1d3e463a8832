/** All faults of a configuration at once, each at its place. */
import { ExpectedError } from '../errors/expected.ts';
import type { ConfigurationProblem } from '../protocol/configuration/configurationProblem.ts';

export class ConfigurationProblems extends ExpectedError {
  readonly problems: readonly ConfigurationProblem[];

  /**
   * @param file the configuration file; absent where the command line alone gave the configuration
   * @param problems at least one
   */
  constructor(file: string | undefined, problems: readonly ConfigurationProblem[]) {
    const first = problems[0];
    const isInFile = file !== undefined && first !== undefined && first.flag === undefined;
    super(
      'configuration/invalid',
      problems.map(problemText).join('; '),
      problems.length === 1 ? 'Correct it and start again.' : 'Correct them and start again.',
      { ...(file === undefined ? {} : { file }), ...(isInFile ? { line: first.line } : {}) },
    );
    this.problems = problems;
  }
}

/** Place, field and message of a problem among several. */
function problemText({ flag, line, field, message }: ConfigurationProblem, _: number, all: readonly unknown[]): string {
  const place = flag ?? (all.length > 1 ? `line ${String(line)}` : undefined);
  const subject = [place, field === '' ? undefined : field].filter((part) => part !== undefined).join(', ');
  return subject === '' ? message : `${subject}: ${message}`;
}
