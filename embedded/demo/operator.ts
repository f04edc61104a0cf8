import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOperators } from '../../core/operators/operators';
import type { Database } from '../../core/platform/database';

const OPERATOR_NAME = 'demo';

/** Credentials of the operator of the demo. */
export interface DemoOperator {
  name: string;
  password: string;
}

/**
 * Makes sure that the demo has an operator. The password is kept in `<dataDir>/demo-operator`; an operator who was removed, or
 * whose password was lost, is added again. Call it only for a database that holds the demo.
 */
export async function ensureDemoOperator(db: Database, dataDir: string): Promise<DemoOperator> {
  const path = join(dataDir, 'demo-operator');
  const operators = createOperators(db);
  const password = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
  const isThere = (await operators.list()).some(({ name }) => name === OPERATOR_NAME);
  if (password && isThere) return { name: OPERATOR_NAME, password };
  const added = await operators.add(OPERATOR_NAME, 'operator');
  await writeFile(`${path}.new`, `${added.password}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
  return added;
}
