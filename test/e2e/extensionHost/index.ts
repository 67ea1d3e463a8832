/** The entry that VS Code's test mode loads in the extension host: runs the suite, and fails where a test fails. */
import Mocha from 'mocha';
import { defineSuite } from './suite.ts';

const TEST_LIMIT_MS = 120_000;

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: TEST_LIMIT_MS, color: false });
  // Gives `suite` and `test` of the package their meaning, as loading a file would.
  mocha.suite.emit('pre-require', globalThis, 'suite', mocha);
  defineSuite();
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} tests failed in the extension host`);
}
