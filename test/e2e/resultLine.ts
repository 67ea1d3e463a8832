/** A Playwright reporter that ends the output with one line of its own, `N passed, N failed`, for people and programs. */
import { writeSync } from 'node:fs';
import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';

const STDOUT = 1;

export default class ResultLine implements Reporter {
  #suite: Suite | undefined;
  #errors = 0;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.#suite = suite;
  }

  /** What broke outside the tests, such as packaging. */
  onError(): void {
    this.#errors += 1;
  }

  onExit(): Promise<void> {
    const outcomes = (this.#suite?.allTests() ?? []).map((test) => test.outcome());
    const passed = outcomes.filter((outcome) => outcome === 'expected' || outcome === 'flaky').length;
    const failed = this.#errors + outcomes.filter((outcome) => outcome === 'unexpected').length;
    writeSync(STDOUT, `${passed} passed, ${failed} failed\n`);
    return Promise.resolve();
  }

  printsToStdio(): boolean {
    return false;
  }
}
