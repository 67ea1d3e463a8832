/** Several problems of the data told at once, so that a person can mend them in one go. */
import { ExpectedError } from '../errors/expected.ts';

/** Reading stops after this many problems. */
const PROBLEM_LIMIT = 20;

/** Takes a problem note and lets reading go on; throws where there are enough of them. */
export type ReportProblem = (problem: ExpectedError) => void;

/** The first problem as the error itself, every one of them in `problems`, in the order of the data. */
export class DataProblemsError extends ExpectedError {
  readonly problems: readonly ExpectedError[];

  constructor(problems: readonly [ExpectedError, ...ExpectedError[]]) {
    const [first, ...others] = problems;
    super(first.code, first.problem, first.fix + listText(others), first.place, first.cause);
    this.problems = problems;
  }
}

function listText(others: readonly ExpectedError[]): string {
  if (others.length === 0) return '';
  const more = others.length + 1 >= PROBLEM_LIMIT ? 'Further problems, among the first ' : 'Further problems, in all ';
  return `\n${more}${String(others.length + 1)}:${others.map((problem) => `\n  ${problem.message}`).join('')}`;
}

export interface ProblemCollector {
  readonly report: ReportProblem;
  /** Throws what was reported, if anything was. */
  readonly throwReported: () => void;
}

/** @throws DataProblemsError from `report` at the `limit`th problem */
export function collectProblems(limit = PROBLEM_LIMIT): ProblemCollector {
  const problems: ExpectedError[] = [];
  const throwReported = (): void => {
    const [first, ...others] = problems;
    if (first !== undefined) throw new DataProblemsError([first, ...others]);
  };
  return {
    report: (problem) => {
      problems.push(problem);
      if (problems.length >= limit) throwReported();
    },
    throwReported,
  };
}
