/**
 * Lets a forked process run the sources as they are, the way the tests do: `node --require <this file>`.
 * Compiled code never loads it.
 */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { transformSync } = require('@swc/core');

const compile = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: {
      parser: { syntax: 'typescript', tsx: filename.endsWith('x') },
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
      target: 'es2023',
    },
  });
  module._compile(code, filename);
};
Module._extensions['.ts'] = compile;
Module._extensions['.tsx'] = compile;
