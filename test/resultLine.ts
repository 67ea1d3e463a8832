/** A vitest reporter that ends the output with one line of its own, `N passed, N failed`, for people and programs. */
import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

const STDOUT = 1;

/** Test files and suites that broke outside their tests, such as by an import that fails. */
function brokenSuites(module: TestModule): number {
  const suites = [...module.children.allSuites()];
  return module.errors().length + suites.reduce((sum, suite) => sum + suite.errors().length, 0);
}

export default class ResultLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      failed += brokenSuites(module);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        if (state === 'failed') failed += 1;
      }
    }
    // At exit, when the other reporters have said everything.
    process.once('exit', () => writeSync(STDOUT, `${passed} passed, ${failed} failed\n`));
  }
}
