// Packages the extension for one platform (`--target linux-x64`; default: this machine's) into dist/, with that
// platform's runtime binaries and no others, and refuses a package that is too large or lacks what it needs to start.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createVSIX, listFiles } from '@vscode/vsce';

/** As vsce prints sizes. */
const MEGABYTE_BYTES = 2 ** 20;

/** Targets, the runtime's folder for each, and the largest size: Windows carries DirectML and its shader compiler. */
const TARGETS = {
  'linux-x64': { binaries: 'linux/x64', limitBytes: 20 * MEGABYTE_BYTES },
  'linux-arm64': { binaries: 'linux/arm64', limitBytes: 20 * MEGABYTE_BYTES },
  'darwin-arm64': { binaries: 'darwin/arm64', limitBytes: 40 * MEGABYTE_BYTES },
  'win32-x64': { binaries: 'win32/x64', limitBytes: 40 * MEGABYTE_BYTES },
  'win32-arm64': { binaries: 'win32/arm64', limitBytes: 40 * MEGABYTE_BYTES },
};

const { values } = parseArgs({
  options: { target: { type: 'string', default: `${process.platform}-${process.arch}` } },
});
const target = TARGETS[values.target];
if (target === undefined) {
  throw new Error(`no package for ${values.target}; targets: ${Object.keys(TARGETS).join(', ')}`);
}

/** The allow-list with the target's binaries. */
function writeIgnoreFile() {
  const folder = 'node_modules/.cache/vsce';
  const file = `${folder}/${values.target}.vscodeignore`;
  const binaries = `!node_modules/onnxruntime-node/bin/napi-v6/${target.binaries}/**\n`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, readFileSync('.vscodeignore', 'utf8') + binaries);
  return file;
}

execFileSync(process.execPath, ['esbuild.config.js'], { stdio: 'inherit' });

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const ignoreFile = writeIgnoreFile();
const files = await listFiles({ ignoreFile });
const required = [
  'dist/extension.cjs',
  'dist/deferred/engineProcess.cjs',
  'dist/deferred/configuration.cjs',
  'dist/engine/server.mjs',
  'dist/engine/cli.mjs',
  'dist/engine/probe.mjs',
  'dist/engine/parquetProcess.mjs',
  `node_modules/onnxruntime-node/bin/napi-v6/${target.binaries}/onnxruntime_binding.node`,
  'node_modules/onnxruntime-common/dist/cjs/package.json',
];
const missing = required.filter((file) => !files.includes(file));
if (missing.length > 0) throw new Error(`the package would lack ${missing.join(', ')}`);

const packagePath = `dist/${name}-${values.target}-${version}.vsix`;
// No public repository is named yet, to which the links of README.md could be rewritten.
const place = { allowMissingRepository: true, rewriteRelativeLinks: false };
await createVSIX({ ...place, target: values.target, ignoreFile, packagePath });
const sizeBytes = statSync(packagePath).size;
const megabytes = (bytes) => `${(bytes / MEGABYTE_BYTES).toFixed(1)} MB`;
if (sizeBytes > target.limitBytes) {
  throw new Error(`${packagePath} has ${megabytes(sizeBytes)}, more than ${megabytes(target.limitBytes)}`);
}
console.log(`${packagePath}: ${megabytes(sizeBytes)}, ${files.length} files`);
