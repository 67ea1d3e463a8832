// Unit tests: real files, the real runtime, two processes at a time so that its threads have cores to run on.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Outside an editor, host code meets a stand-in for the editor's API.
  resolve: { alias: { vscode: `${import.meta.dirname}/test/vscode/fakeVscode.ts` } },
  cacheDir: 'node_modules/.cache/vitest',
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine may be too slow once; what fails twice is broken.
    retry: process.env['CI'] === undefined ? 0 : 1,
    reporters: ['default', './test/resultLine.ts'],
  },
});
