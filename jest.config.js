/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  testEnvironment: '<rootDir>/tests/support/node-environment.ts',
  transform: {
    '/node_modules/.+\\.[cm]?js$': '<rootDir>/tests/support/load-package.js',
    '\\.[jt]sx?$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [],
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  setupFiles: ['<rootDir>/tests/support/own-servers.ts'],
  // Most tests wait for others, so even a small machine runs as many at a time as it has processors.
  maxWorkers: '100%',
  testTimeout: 60_000,
  // A test that fails may leave a worker looking for its Redis for ever; that must not hang the run as well.
  forceExit: true,
};
