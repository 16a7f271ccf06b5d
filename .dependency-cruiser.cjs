// Imports point one way: each layer may use itself and the layers below it. Checked by `npm run imports`.
const layers = [
  'index\\.ts$|cli/|server/',
  'jobs/|explain/|evaluation-report/|prepare/',
  'captioner/|training/|recurrence/|metrics/',
  'bundle/|search/|encoder/|decoder/|datasets/',
  'images/|text/|tags/|html/',
  '(?!index\\.ts$)[^/]+\\.ts$', // the files of src/ itself: errors, random numbers, weights, atomic writes
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const upward = layers.slice(1).map((layer, below) => ({
  name: `no-import-upwards-${below + 1}`,
  comment:
    'A layer imports only itself and the layers below it (see the list of layers in .dependency-cruiser.cjs).',
  severity: 'error',
  from: { path: `^src/(?:${layer})` },
  to: { path: `^src/(?:${layers.slice(0, below + 1).join('|')})` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'no-cycles',
      comment: 'No file may need itself, by whatever way round.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'captioning-needs-no-tensorflow',
      comment: 'The captioner and all that it reaches run without TensorFlow.js.',
      severity: 'error',
      from: { path: '^src/captioner/' },
      to: { path: '(^|/)@tensorflow(-models)?/', reachable: true },
    },
    {
      name: 'search-and-metrics-know-no-engine',
      comment: 'Search and metrics serve every engine, so they and all that they reach know none.',
      severity: 'error',
      from: { path: '^src/(search|metrics)/' },
      to: { path: '(^|/)(@tensorflow(-models)?|onnxruntime-(node|common|web))/', reachable: true },
    },
    {
      name: 'onnx-runtime-is-told-first',
      comment: 'ONNX Runtime reports its use over the network unless src/no-telemetry.ts comes before it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/onnx-runtime\\.ts$' },
      to: { path: '(^|/)onnxruntime-node/' },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere, or to a package that package.json does not name.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What is published may not need a package that is installed for development only.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-optional', 'npm-peer', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count too: a type of an engine ties a file to that engine.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
