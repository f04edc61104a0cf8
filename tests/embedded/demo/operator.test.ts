import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperators } from '../../../core/operators/operators';
import { ensureDemoOperator } from '../../../embedded/demo/operator';
import { useDatabase } from '../../support/database';

describe('the operator of the demo', () => {
  const test = useDatabase();
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ablagh-demo-'));
  });
  afterAll(() => rm(dataDir, { recursive: true }));

  it('may steer, stays the same at every start, and is added anew once removed', async () => {
    const operators = createOperators(test.db);
    const first = await ensureDemoOperator(test.db, dataDir);
    expect(await operators.signIn(first.name, first.password)).toMatchObject({
      name: 'demo',
      role: 'operator',
    });
    expect(await ensureDemoOperator(test.db, dataDir)).toEqual(first);
    await operators.remove('demo');
    const next = await ensureDemoOperator(test.db, dataDir);
    expect(next.password).not.toBe(first.password);
    expect((await operators.signIn('demo', next.password)).name).toBe('demo');
    const path = join(dataDir, 'demo-operator');
    expect((await readFile(path, 'utf8')).trim()).toBe(next.password);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
