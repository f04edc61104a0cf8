import { createCallbacks, type PendingCallback } from '../../../core/alerts/callbacks';
import { useDatabase } from '../../support/database';

const test = useDatabase();
const callbacks = () => createCallbacks(test.db);

const rows = () =>
  test.db.query<{ messageId: string; status: number; matched: boolean | null }>(
    'SELECT provider_message_id AS "messageId", status, matched FROM sms_callbacks ORDER BY id',
  );
const work = () =>
  test.db.query<{ id: string; queue: string }>('SELECT id, queue FROM outbox ORDER BY subject_ids[1]');

beforeEach(() => test.db.query('TRUNCATE sms_callbacks, outbox RESTART IDENTITY'));

describe('a delivery report', () => {
  it('is stored once and makes one due row, however often it comes', async () => {
    for (let i = 0; i < 3; i += 1) await callbacks().record('501', 10);
    await Promise.all(Array.from({ length: 5 }, () => callbacks().record('501', 10)));
    expect(await rows()).toEqual([{ messageId: '501', status: 10, matched: null }]);
    expect(await work()).toMatchObject([{ queue: 'sms-callbacks' }]);
  });

  it('of another status is stored as well', async () => {
    await callbacks().record('501', 4);
    await callbacks().record('501', 10);
    expect(await rows()).toHaveLength(2);
    expect(await work()).toHaveLength(2);
  });

  it('is pending under its outbox id, with its age', async () => {
    await callbacks().record('501', 10);
    await test.db.query(`UPDATE sms_callbacks SET received_at = now() - interval '100 seconds'`);
    const [{ id: outboxId }] = (await work()) as [{ id: string; queue: string }];
    const [pending] = await callbacks().pending([outboxId, '999']);
    expect(pending).toMatchObject({ outboxId, providerMessageId: '501' });
    expect(pending?.ageSeconds).toBeGreaterThanOrEqual(100);
    expect(pending?.ageSeconds).toBeLessThan(130);
  });

  it('is not confused with other work of the same id', async () => {
    await callbacks().record('501', 10);
    await test.db.query(`UPDATE outbox SET queue = 'sms-receipts'`);
    const ids = (await work()).map(({ id }) => id);
    expect(await callbacks().pending(ids)).toEqual([]);
  });

  it.each([true, false])('leaves the outbox when it is closed, matched or not: %s', async (matched) => {
    await callbacks().record('501', 10);
    const ids = (await work()).map(({ id }) => id);
    const pending: PendingCallback[] = await callbacks().pending(ids);
    await callbacks().close(pending, matched);
    await callbacks().close(pending, matched);
    await callbacks().close([], matched);
    expect(await rows()).toEqual([{ messageId: '501', status: 10, matched }]);
    expect(await work()).toEqual([]);
    await callbacks().record('501', 10);
    expect(await work()).toEqual([]);
  });
});
