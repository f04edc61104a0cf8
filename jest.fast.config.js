const config = require('./jest.config');

/** What `npm run test:fast` leaves out: browsers, Redis, and files that start processes or wait for minutes of work. */
const SLOW = [
  'tests/(deploy|faults|migrations|workers|web/browser|core/restore|embedded/(demo|postgres))/',
  'tests/security/(any-page|authorization|body-memory|guesses|openapi|restricted-roles|secrets|slow-clients|stored-script)',
  'tests/client/(end-to-end|queue-client|send-batch)',
  'tests/api/(batch|start-api)',
  'tests/cli/(operators|roles)',
  'tests/core/(operators/(operators|passwords)|platform/(database|redis-options))',
  'tests/core/(monitoring/(measure|overview-reader)|inquiries/lock-out|retention)',
  'tests/web/ops/(queue-board|sign-in|status-stream|steering)',
];

/** @type {import('jest').Config} */
module.exports = {
  ...config,
  testPathIgnorePatterns: SLOW.map((path) => `<rootDir>/${path}`),
  // Read by the global set-up.
  globals: { withoutRedis: true },
};
