// Bundles what ships into dist/: the extension (CommonJS, as VS Code loads it), the engine's programs (ES modules) and
// one script per webview. `--watch` rebuilds on change and keeps the bundles readable; `--webviews <folder>` writes the
// webviews' alone, there.
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { build, context } from 'esbuild';

const { values } = parseArgs({ options: { watch: { type: 'boolean', default: false }, webviews: { type: 'string' } } });
const isWatching = values.watch;

/** The Node inside the oldest VS Code that package.json admits. */
const NODE_TARGET = 'node22';

const common = {
  bundle: true,
  minify: !isWatching,
  sourcemap: isWatching ? 'linked' : false,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** Modules whose packages are large: files of their own, which a window that starts does not read. */
const DEFERRED = {
  engineProcess: 'extension/engine/engineProcess.ts',
  configuration: 'engine/protocol/configuration/configuration.ts',
  jsonRpc: 'extension/engine/jsonRpc.ts',
};

/** Lets `import()` of a deferred module load its file. */
const deferModules = {
  name: 'defer-modules',
  setup({ onResolve }) {
    const names = Object.keys(DEFERRED).join('|');
    onResolve({ filter: new RegExp(`/(${names})\\.ts$`) }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./deferred/${basename(path, '.ts')}.cjs`, external: true } : undefined,
    );
  },
};

const extension = {
  ...common,
  entryPoints: {
    extension: 'extension/main.ts',
    ...Object.fromEntries(Object.entries(DEFERRED).map(([name, file]) => [`deferred/${name}`, file])),
  },
  plugins: [deferModules],
  // Loaded by `require`, as everything in a CommonJS extension is.
  supported: { 'dynamic-import': false },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  format: 'cjs',
  target: NODE_TARGET,
  external: ['vscode'],
  // Packages that ask for import.meta.url get the bundle's own address.
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
};

const engine = {
  ...common,
  entryPoints: {
    server: 'engine/server/main.ts',
    cli: 'engine/cli/main.ts',
    probe: 'engine/runtime/probe/main.ts',
    comparisonRun: 'engine/jobs/comparison/main.ts',
    parquetProcess: 'engine/data/formats/parquetProcess.ts',
  },
  outdir: 'dist/engine',
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  format: 'esm',
  // The programs share most of their code, and a command loads no more than it needs.
  splitting: true,
  target: NODE_TARGET,
  external: ['onnxruntime-node'],
  // CommonJS packages inside an ES module still call require for Node's own modules.
  banner: {
    js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
  },
};

const views = readdirSync('webview', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`webview/${entry.name}/main.ts`))
  .map((entry) => entry.name);

const webview = {
  ...common,
  entryPoints: Object.fromEntries(views.map((view) => [view, `webview/${view}/main.ts`])),
  outdir: values.webviews ?? 'dist/webview',
  platform: 'browser',
  format: 'iife',
  target: 'chrome134',
  // The icon font of the editor, under a name that changes with its content.
  loader: { '.ttf': 'file' },
};

/** Bundles whose entries are written; the others do not exist yet. */
function withExistingEntries(bundle) {
  const entries = Object.entries(bundle.entryPoints).filter(([, file]) => existsSync(file));
  return { ...bundle, entryPoints: Object.fromEntries(entries) };
}

/** zod would double the size of a webview; the layer rules see direct imports, this sees what was bundled. */
function refuseSchemaLibrary(metafile) {
  const stray = Object.keys(metafile.inputs).find((file) => file.startsWith('node_modules/zod/'));
  if (stray !== undefined) throw new Error(`a webview bundles ${stray}: import only types from configuration.ts`);
}

const bundles = [extension, engine, webview]
  .map(withExistingEntries)
  .filter((bundle) => Object.keys(bundle.entryPoints).length > 0);

if (values.webviews !== undefined) {
  await build(webview);
} else if (isWatching) {
  for (const bundle of bundles) await (await context(bundle)).watch();
} else {
  for (const place of ['extension.cjs', 'deferred', 'engine', 'webview'])
    await rm(`dist/${place}`, { recursive: true, force: true });
  for (const bundle of bundles) {
    const { metafile } = await build(bundle);
    if (bundle.platform === 'browser') refuseSchemaLibrary(metafile);
  }
}
