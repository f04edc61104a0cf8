import { randomUUID } from 'node:crypto';
import { createAudit, performAudited, type RequestedAction } from '../../../core/operators/audit';
import type { Queryable } from '../../../core/platform/database';
import { useDatabase } from '../../support/database';
import { until } from '../../support/until';

const test = useDatabase();
const audit = () => createAudit(test.db);

beforeAll(() => test.db.query('CREATE TABLE effects (subject text NOT NULL)'));

let serial = 0;
/** Returns an action on a subject that no other test uses. */
function anAction(fields: Partial<RequestedAction> = {}): RequestedAction {
  serial += 1;
  return {
    actor: { name: 'sara', role: 'operator' },
    action: 'resend',
    subject: `alert ${serial}`,
    reason: 'شماره درست شد',
    requestId: randomUUID(),
    ...fields,
  };
}

/** Selects the connections that wait for an advisory lock, the kind requests take. */
const WAITING_SQL = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

const effectOn = (subject: string, touched: number) => async (trx: Queryable) => {
  await trx.query('INSERT INTO effects VALUES ($1)', [subject]);
  return touched;
};
const effectsOn = async (subject: string): Promise<number> =>
  (await test.db.query('SELECT FROM effects WHERE subject = $1', [subject])).length;
const recordOf = (subject: string) =>
  test.db.query('SELECT operator, role, action, reason, outcome, touched FROM audit WHERE subject = $1', [
    subject,
  ]);

describe('an action', () => {
  it('takes effect and is recorded with operator, action, reason and count', async () => {
    const action = anAction();
    const result = await performAudited(test.db, action, effectOn(action.subject, 3));
    expect(result).toEqual({ outcome: 'done', touched: 3 });
    expect(await effectsOn(action.subject)).toBe(1);
    expect(await recordOf(action.subject)).toEqual([
      {
        operator: 'sara',
        role: 'operator',
        action: 'resend',
        reason: 'شماره درست شد',
        outcome: 'done',
        touched: 3,
      },
    ]);
  });

  it('whose subject had changed meanwhile is recorded as overtaken', async () => {
    const action = anAction();
    expect(await performAudited(test.db, action, async () => 0)).toEqual({
      outcome: 'overtaken',
      touched: 0,
    });
    expect(await recordOf(action.subject)).toMatchObject([{ outcome: 'overtaken', touched: 0 }]);
  });

  it('sent twice has one effect and one record, and both get the same answer', async () => {
    const action = anAction();
    const first = await performAudited(test.db, action, effectOn(action.subject, 2));
    const second = await performAudited(test.db, action, effectOn(action.subject, 0));
    expect(second).toEqual(first);
    expect(await effectsOn(action.subject)).toBe(1);
    expect(await recordOf(action.subject)).toHaveLength(1);
  });

  it('sent twice at the same time has one effect, and both get the same answer', async () => {
    const action = anAction();
    let start = () => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const second = started.then(() => performAudited(test.db, action, effectOn(action.subject, 2)));
    const first = performAudited(test.db, action, async (trx) => {
      start();
      await until(async () => (await test.db.query(WAITING_SQL)).length > 0);
      return effectOn(action.subject, 2)(trx);
    });
    expect(await Promise.all([first, second])).toEqual([
      { outcome: 'done', touched: 2 },
      { outcome: 'done', touched: 2 },
    ]);
    expect(await effectsOn(action.subject)).toBe(1);
    expect(await recordOf(action.subject)).toHaveLength(1);
  });

  it('that fails has no effect and no record, and may be sent again', async () => {
    const action = anAction();
    const failing = performAudited(test.db, action, async (trx) => {
      await effectOn(action.subject, 1)(trx);
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    expect([await effectsOn(action.subject), await recordOf(action.subject)]).toEqual([0, []]);
    expect(await performAudited(test.db, action, effectOn(action.subject, 1))).toMatchObject({
      outcome: 'done',
    });
  });

  it.each(['', 'twice', `${randomUUID()}0`])('with the request id %j is refused', async (id) => {
    const action = anAction({ requestId: id });
    await expect(performAudited(test.db, action, effectOn(action.subject, 1))).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await effectsOn(action.subject)).toBe(0);
  });
});

describe('the audit', () => {
  const entry = { operator: 'sara', role: 'operator', action: 'pause', reason: null, touched: 0 } as const;

  it('is read newest first, and further from any entry', async () => {
    for (let i = 0; i < 5; i += 1) await audit().record({ ...entry, subject: `line ${i}`, outcome: 'done' });
    const latest = await audit().latest(2);
    expect(latest.map(({ subject }) => subject)).toEqual(['line 4', 'line 3']);
    const older = await audit().latest(2, latest[1]?.id);
    expect(older.map(({ subject }) => subject)).toEqual(['line 2', 'line 1']);
    expect(older[0]).toEqual({
      ...entry,
      id: expect.any(String),
      at: expect.any(Date),
      subject: 'line 2',
      outcome: 'done',
    });
  });

  it.each([
    ['rewritten', `UPDATE audit SET reason = 'other'`],
    ['deleted', 'DELETE FROM audit'],
    ['emptied', 'TRUNCATE audit'],
  ])('cannot be %s', async (what, sql) => {
    await audit().record({ ...entry, subject: what, outcome: 'refused' });
    await expect(test.db.query(sql)).rejects.toThrow(/append-only/);
    expect(await recordOf(what)).toMatchObject([{ outcome: 'refused', reason: null }]);
  });
});
