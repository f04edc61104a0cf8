import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Forks an entry of this folder in the form this process runs in: compiled JavaScript, or the TypeScript source under the tests.
 *
 * @param entry path inside this folder, without extension: `simulators/main`
 */
export function forkEntry(entry: string, options: ForkOptions = {}): ChildProcess {
  const compiled = join(__dirname, `${entry}.js`);
  if (existsSync(compiled)) return fork(compiled, [], { ...options, execArgv: [] });
  const register = join(__dirname, 'typescript-register.cjs');
  return fork(join(__dirname, `${entry}.ts`), [], { ...options, execArgv: ['--require', register] });
}
