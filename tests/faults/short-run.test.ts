import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { FAULTS, SHORT_RUN } from '../../faults/catalogue';
import { itWithRedisServer } from '../workers/redis-server';

const ROOT = join(__dirname, '..', '..');
/** Six systems of four processes each start and work, on a machine that runs other tests as well. */
jest.setTimeout(480_000);

describe('the catalogue of faults', () => {
  it('has each fault once, under the name of its file', () => {
    const names = FAULTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(() => require.resolve(`../../faults/${name}`)).not.toThrow();
  });
});

/** Lists the verdicts, each with its violations and without its duration. */
function verdictsIn(output: string): string[] {
  const verdicts = output.match(/^[a-z-]+: (green|red|left out) \(\d+ s\)(\n {2}\S.*)*/gm) ?? [];
  return verdicts.map((verdict) => verdict.replace(/ \(\d+ s\)/, '')).sort();
}

itWithRedisServer('loses nothing and sends nothing twice in a short run of the faults', async () => {
  const run = fork(join(ROOT, 'faults', 'main.ts'), ['--short'], {
    execArgv: ['--require', join(ROOT, 'embedded', 'typescript-register.cjs')],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const [code] = await once(run, 'exit');
  expect(verdictsIn(output)).toEqual(SHORT_RUN.map((name) => `${name}: green`).sort());
  expect(code).toBe(0);
});
