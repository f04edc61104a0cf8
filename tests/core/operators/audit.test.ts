import { randomUUID } from 'node:crypto';
import { createAudit, performAudited, type RequestedAction } from '../../../core/operators/audit';
import type { Queryable } from '../../../core/platform/database';
import { useDatabase } from '../../support/database';
import { until } from '../../support/until';

const test = useDatabase();
const audit = () => createAudit(test.db);

beforeAll(() => test.db.query('CREATE TABLE effects (subject text NOT NULL)'));

let serial = 0;
/** An action on a subject of its own. */
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

/** Whoever waits for a lock of the kind that requests take. */
const WAITING = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
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
  it('has its effect, and is on the record with who, what, why and how many', async () => {
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

  it('that found things changed meanwhile is on the record as overtaken', async () => {
    const action = anAction();
    expect(await performAudited(test.db, action, async () => 0)).toEqual({
      outcome: 'overtaken',
      touched: 0,
    });
    expect(await recordOf(action.subject)).toMatchObject([{ outcome: 'overtaken', touched: 0 }]);
  });

  it('sent twice has one effect and one record, and is answered the same', async () => {
    const action = anAction();
    const first = await performAudited(test.db, action, effectOn(action.subject, 2));
    const second = await performAudited(test.db, action, effectOn(action.subject, 0));
    expect(second).toEqual(first);
    expect(await effectsOn(action.subject)).toBe(1);
    expect(await recordOf(action.subject)).toHaveLength(1);
  });

  it('sent twice at the same time has one effect, and both are answered the same', async () => {
    const action = anAction();
    let begun = () => {};
    const inTheMiddle = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const second = inTheMiddle.then(() => performAudited(test.db, action, effectOn(action.subject, 2)));
    const first = performAudited(test.db, action, async (trx) => {
      begun();
      await until(async () => (await test.db.query(WAITING)).length > 0);
      return effectOn(action.subject, 2)(trx);
    });
    expect(await Promise.all([first, second])).toEqual([
      { outcome: 'done', touched: 2 },
      { outcome: 'done', touched: 2 },
    ]);
    expect(await effectsOn(action.subject)).toBe(1);
    expect(await recordOf(action.subject)).toHaveLength(1);
  });

  it('that fails leaves no effect and no record, and may be sent again', async () => {
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

  it.each(['', 'twice', `${randomUUID()}0`])(
    'from a form that names itself %j is turned down',
    async (id) => {
      const action = anAction({ requestId: id });
      await expect(performAudited(test.db, action, effectOn(action.subject, 1))).rejects.toMatchObject({
        code: 'invalid_request',
      });
      expect(await effectsOn(action.subject)).toBe(0);
    },
  );
});

describe('the record', () => {
  const entry = { operator: 'sara', role: 'operator', action: 'pause', reason: null, touched: 0 } as const;

  it('is read from the latest on, and on from any place of it', async () => {
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
