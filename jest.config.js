const { availableParallelism } = require('node:os');

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
  testSequencer: '<rootDir>/tests/support/slow-first-sequencer.js',
  setupFiles: ['<rootDir>/tests/support/own-servers.ts', '<rootDir>/tests/support/clear-schema-ids.ts'],
  // Most tests wait for other processes, so the processors carry more workers than there are of them.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // The modules of each file stay in memory, so a worker that has run many is replaced.
  workerIdleMemoryLimit: '1GB',
  restoreMocks: true,
  testTimeout: 60_000,
};
