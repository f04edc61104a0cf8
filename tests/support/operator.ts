import { createOperatorSessions } from '../../core/operators/operator-sessions';
import { createOperators, type OperatorRole } from '../../core/operators/operators';
import type { Database } from '../../core/platform/database';
import type { TestApi } from '../api/test-api';
import { createVisitor, type Visitor } from './visitor';

/** An operator or viewer of a test, signed in. */
export interface TestOperator {
  name: string;
  password: string;
  /** The operator's browser; it has opened a page already, so it can send forms. */
  browser: Visitor;
}

let operators = 0;

/** An operator, or a viewer, of its own, signed in without the sign-in page. */
export async function anOperator(
  api: Pick<TestApi, 'app'>,
  db: Database,
  role: OperatorRole = 'operator',
): Promise<TestOperator> {
  operators += 1;
  const { name, password } = await createOperators(db).add(`${role}-${operators}`, role);
  const browser = createVisitor(api.app, await startOperatorSession(db, name), undefined, 'ablagh-ops');
  await browser.get('/ops/audit');
  return { name, password, browser };
}

/** Begins a session of an operator who was added. @returns its token, for the cookie `ablagh-ops` at `/ops` */
export async function startOperatorSession(db: Database, name: string): Promise<string> {
  const [row] = await db.query<{ id: number }>('SELECT id FROM operators WHERE name = $1', [name]);
  if (!row) throw new Error(`there is no operator ${name}`);
  return createOperatorSessions(db).start(row.id);
}
