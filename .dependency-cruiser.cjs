// Who may import whom. Layers of the engine are listed from low to high: a file imports from its own layer or a lower
// one. Type-only imports count too, since they tie the ideas together as much as values do.
const { readdirSync } = require('node:fs');

const ENGINE_LAYERS = [
  ['errors', 'protocol', 'wasm'],
  ['files'],
  ['cudaSupport'],
  ['checkpoint'],
  ['data', 'configuration', 'graph', 'onnx'],
  ['model'],
  ['runtime'],
  ['selection', 'adapter'],
  ['inference'],
  ['training'],
  ['resident', 'held'],
  ['generation', 'evaluation'],
  ['merge', 'run'],
  ['estimate', 'inspection', 'comparison'],
  ['jobs'],
  ['cli', 'server'],
];

/** The editor's API: given by the editor when it runs, by a package of types before. */
const VSCODE = '^vscode$|(^|/)node_modules/@types/vscode/';

const layered = new Set(ENGINE_LAYERS.flat());
for (const entry of readdirSync(`${__dirname}/engine`, { withFileTypes: true })) {
  if (entry.isDirectory() && !layered.has(entry.name)) {
    throw new Error(`engine/${entry.name} is in no layer: add it to ENGINE_LAYERS in .dependency-cruiser.cjs`);
  }
}

const layerRules = ENGINE_LAYERS.slice(0, -1).map((layer, level) => ({
  name: `layer-${layer.join('-')}`,
  comment: 'A layer of the engine imports only itself and lower layers: move the shared idea down.',
  severity: 'error',
  from: { path: `^engine/(${layer.join('|')})/` },
  to: {
    path: `^engine/(${ENGINE_LAYERS.slice(level + 1)
      .flat()
      .join('|')})/`,
  },
}));

/** Only `file` may import the package; everyone else goes through that file. */
const soleImporter = (packageName, file, scope) => ({
  name: `only-one-file-imports-${packageName.replace(/^@/, '').replace('/', '-')}`,
  comment: `Only ${file} imports ${packageName}, so that it can be replaced in one place.`,
  severity: 'error',
  from: { path: scope, pathNot: `^${file.replaceAll('.', '\\.')}$` },
  to: { path: `(^|/)node_modules/${packageName}/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'A cycle is two files that are one idea. Nodes, operations and what these emit into speak of each other.',
      severity: 'error',
      from: { pathNot: '^engine/graph/(graph|operation|loweringContext)[.]ts$' },
      to: { circular: true },
    },
    {
      name: 'no-circular-values',
      comment: 'Types that speak of each other are erased; nothing else may run in a circle, not even in the graph.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-circular-folders',
      comment: 'Folders are the architecture: two that import each other have no order.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(engine|extension|webview)' },
      to: { circular: true },
    },
    {
      name: 'not-resolvable',
      comment: 'An import that nothing answers.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: VSCODE },
    },
    {
      name: 'no-development-package',
      comment: 'What ships imports only what package.json lists under "dependencies".',
      severity: 'error',
      from: { path: '^(engine|extension|webview)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg'], pathNot: VSCODE },
    },
    ...layerRules,
    {
      name: 'engine-stands-alone',
      comment: 'The engine runs from a terminal: it knows no editor.',
      severity: 'error',
      from: { path: '^engine/' },
      to: { path: `^(extension|webview|test)/|${VSCODE}` },
    },
    {
      name: 'protocol-stands-alone',
      comment: 'The protocol is the contract between processes: it holds types, constants and schemas alone.',
      severity: 'error',
      from: { path: '^engine/protocol/' },
      to: { pathNot: '^engine/protocol/|(^|/)node_modules/zod/' },
    },
    {
      name: 'graph-is-pure',
      comment: 'Graphs and differentiation do no I/O and read no clock.',
      severity: 'error',
      from: { path: '^engine/graph/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'editor-knows-only-the-protocol',
      comment: 'Extension and webview talk to the engine through its protocol, never to its inside.',
      severity: 'error',
      from: { path: '^(extension|webview)/' },
      to: { path: '^engine/', pathNot: '^engine/protocol/' },
    },
    {
      name: 'extension-and-webview-apart',
      comment: 'The two sides of a webview share message types through the protocol.',
      severity: 'error',
      from: { path: '^(extension|webview)/' },
      to: { path: '^(extension|webview|test)/', pathNot: '^$1/' },
    },
    {
      name: 'webview-is-a-browser',
      comment: 'A webview has neither Node nor the editor API.',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: `${VSCODE}|(^|/)node_modules/(zod|execa|vscode-jsonrpc|onnxruntime-node)/` },
    },
    {
      name: 'webview-has-no-node-builtins',
      comment: 'A webview has no Node.',
      severity: 'error',
      from: { path: '^webview/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'webview-has-no-schema',
      comment: 'Values of configuration.ts bring zod into the bundle: import its types only.',
      severity: 'error',
      from: { path: '^webview/' },
      to: { path: '^engine/protocol/configuration\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    soleImporter('onnxruntime-node', 'engine/runtime/onnxRuntime.ts', '^(engine|extension|webview)/'),
    soleImporter('execa', 'extension/engine/engineProcess.ts', '^(engine|extension|webview)/'),
    soleImporter('@vscode/webview-ui-toolkit', 'webview/theme/toolkit.ts', '^(engine|extension|webview)/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    cache: { folder: 'node_modules/.cache/dependency-cruiser', strategy: 'content' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
