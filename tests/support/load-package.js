/**
 * A transformer of jest. It puts in the place of a file of a package a line that lets Node load that file, once for all
 * test files of a worker. Loaded by jest, the packages of the API take longer than most of its tests.
 *
 * `loadPackage` is there while a test file runs (`node-environment`). In the global set-up it is not, and the file is
 * loaded as it is.
 */
const LOAD = `
if (globalThis.loadPackage) module.exports = globalThis.loadPackage(__filename);
else module._compile(require('node:fs').readFileSync(__filename, 'utf8'), __filename);
`;

/** Packages that keep what they read from our schemas, which are loaded anew for each file: so are they. */
const LOADED_ANEW = /[/\\]node_modules[/\\]fastify-type-provider-zod[/\\]/;

const codeOf = (source, path) => (LOADED_ANEW.test(path) ? source : LOAD);

module.exports = {
  process: (source, path) => ({ code: codeOf(source, path) }),
  getCacheKey: codeOf,
};
