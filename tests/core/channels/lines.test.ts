import { createLanePauses } from '../../../core/channels/lane-pauses';
import { blockedQueues, createLines } from '../../../core/channels/lines';
import { useDatabase } from '../../support/database';
import { shutChannels } from '../../support/shut-channels';

const test = useDatabase();
const lines = () => createLines(test.db);
const pauses = () => createLanePauses(test.db);

/** Restores what migrating leaves: the first lines, which no process has registered yet. */
beforeEach(() =>
  test.db.query(
    `DELETE FROM lane_pauses; DELETE FROM lines;
     INSERT INTO lines (name, channel) VALUES ('kavenegar', 'sms'), ('smtp', 'email')`,
  ),
);

const register = (name: string, perSecond: number | null = null) =>
  lines().register([{ name, channel: 'sms', perSecond }]);
const get = async (name: string) => (await lines().list()).find((line) => line.name === name);
const set = (sql: string) => test.db.query(`UPDATE lines SET ${sql}`);
const openQueues = async () => [...(await lines().availableCapacity()).keys()].sort();
const statuses = async () =>
  Object.fromEntries((await lines().lineHealth('sms', 'normal')).map(({ name, status }) => [name, status]));

describe('a line', () => {
  it('is open until it is disabled', async () => {
    expect(await shutChannels(test.db)).toEqual([]);
    const open = { state: 'open', code: null, reason: null, since: expect.any(Date), perSecond: null };
    expect(await lines().list()).toEqual([
      { name: 'smtp', channel: 'email', ...open, brokenUntil: null, seenAt: null },
      { name: 'kavenegar', channel: 'sms', ...open, brokenUntil: null, seenAt: null },
    ]);
    expect(await statuses()).toEqual({ kavenegar: 'healthy' });
  });

  it('is disabled once, for the first reason', async () => {
    expect(await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid')).toBe(true);
    expect(await lines().disable('kavenegar', 'closed', '407', 'access is denied')).toBe(false);
    expect(await lines().disable('kavenegar', 'paused', '418', 'the credit is not enough')).toBe(false);
    expect(await get('kavenegar')).toMatchObject({ state: 'closed', code: '403' });
    expect(await statuses()).toEqual({ kavenegar: 'unavailable' });
  });

  it('is disabled by one of many processes that try at once, so that one logs it', async () => {
    const changed = await Promise.all(
      Array.from({ length: 8 }, () => lines().disable('smtp', 'closed', '535', 'credentials')),
    );
    expect(changed.filter(Boolean)).toHaveLength(1);
  });

  it('that is paused for credit is closed when its key is refused, and stays so', async () => {
    await lines().disable('kavenegar', 'paused', '418', 'the credit is not enough');
    expect(await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid')).toBe(true);
    expect(await lines().reopen('kavenegar')).toBe(false);
    expect(await get('kavenegar')).toMatchObject({ state: 'closed', code: '403' });
  });

  it('that is paused for credit reopens by itself, without a reason any more', async () => {
    await lines().disable('kavenegar', 'paused', '418', 'the credit is not enough');
    expect(await lines().reopen('kavenegar')).toBe(true);
    expect(await lines().reopen('kavenegar')).toBe(false);
    expect(await get('kavenegar')).toMatchObject({ state: 'open', code: null, reason: null });
  });

  it('is opened by an operator whatever disabled it', async () => {
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await lines().open('kavenegar')).toBe(true);
    expect(await lines().open('kavenegar')).toBe(false);
    await set(`broken_until = now() + interval '1 hour', failures = 5, failed_probes = 3`);
    expect(await lines().openChannel('sms')).toBe(true);
    expect(await statuses()).toEqual({ kavenegar: 'healthy' });
    expect(await lines().openChannel('sms')).toBe(false);
    expect(await lines().open('nothing')).toBe(false);
  });

  it('shows in its health that it failed, is tripped, or is due for a probe', async () => {
    await set('failures = 1');
    expect(await statuses()).toEqual({ kavenegar: 'failing' });
    await set(`broken_until = now() + interval '1 minute'`);
    expect(await statuses()).toEqual({ kavenegar: 'unavailable' });
    await set(`broken_until = now() - interval '1 second'`);
    expect(await statuses()).toEqual({ kavenegar: 'probe_due' });
  });
});

describe('lines that processes register', () => {
  it('start open, and are listed from then on', async () => {
    await register('kavenegar-second');
    expect(await get('kavenegar-second')).toMatchObject({ state: 'open', seenAt: expect.any(Date) });
    expect(Object.keys(await statuses())).toEqual(['kavenegar', 'kavenegar-second']);
  });

  it('keep their state and rate when they are registered again', async () => {
    await register('kavenegar', 50);
    expect((await get('kavenegar'))?.perSecond).toBe(50);
    await lines().setRate('kavenegar', 7);
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    await register('kavenegar', 50);
    expect(await get('kavenegar')).toMatchObject({ state: 'closed', perSecond: 7 });
    await lines().setRate('kavenegar', null);
    await register('kavenegar', 50);
    expect((await get('kavenegar'))?.perSecond).toBeNull();
  });

  it('keep a rate that was set before any process registered them', async () => {
    expect(await lines().setRate('kavenegar', 7)).toBe(true);
    await register('kavenegar', 50);
    expect((await get('kavenegar'))?.perSecond).toBe(7);
    expect(await lines().setRate('nothing', 7)).toBe(false);
  });

  it('no longer count when no living process has them', async () => {
    await register('kavenegar-second');
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await shutChannels(test.db)).toEqual([]);
    await set(`seen_at = now() - interval '61 seconds'`);
    expect(await shutChannels(test.db)).toEqual(['sms', 'email']);
    await register('kavenegar-second');
    expect(await shutChannels(test.db)).toEqual(['email']);
  });
});

describe('a channel', () => {
  const SMS = ['login-codes', 'sms-bulk', 'sms-normal', 'sms-urgent'];
  const EMAIL = ['email-bulk', 'email-normal', 'email-urgent'];

  it('may send while one of its lines is usable', async () => {
    await register('kavenegar-second');
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await openQueues()).toEqual([...EMAIL, ...SMS]);
    await lines().disable('kavenegar-second', 'paused', '418', 'the credit is not enough');
    expect(await openQueues()).toEqual(EMAIL);
    expect(await shutChannels(test.db)).toEqual(['sms']);
    expect(blockedQueues(await lines().availableCapacity()).sort()).toEqual(SMS.slice(1));
  });

  it('waits while its line is tripped, and may send one message when a probe is due', async () => {
    await set(`broken_until = now() + interval '1 minute'`);
    expect(await openQueues()).toEqual([]);
    await set(`broken_until = now()`);
    expect((await lines().availableCapacity()).get('sms-bulk')).toBe(1);
  });

  it('has unlimited capacity, or the sum of its lines’ capacities', async () => {
    await register('kavenegar-second', 100);
    expect((await lines().availableCapacity()).get('sms-normal')).toBe(Number.POSITIVE_INFINITY);
    await lines().setRate('kavenegar', 10);
    const capacity = await lines().availableCapacity();
    expect(
      ['sms-urgent', 'login-codes', 'sms-normal', 'sms-bulk'].map((name) => capacity.get(name as never)),
    ).toEqual([110, 110, 88, 88]);
  });

  it('that used up its rate is not disabled, and has no capacity for a while', async () => {
    await lines().setRate('kavenegar', 10);
    await set(`busy_until = now() + interval '30 seconds'`);
    expect((await lines().availableCapacity()).get('sms-normal')).toBe(0);
    expect((await lines().availableCapacity()).get('sms-urgent')).toBe(0);
    expect(await shutChannels(test.db)).toEqual([]);
  });
});

describe('a lane that an operator pauses', () => {
  it('waits alone, with the operator and the reason of the first pause', async () => {
    expect(await pauses().pause('sms', 'bulk', 'sara', 'too many complaints')).toBe(true);
    expect(await pauses().pause('sms', 'bulk', 'reza', 'another reason')).toBe(false);
    expect(await pauses().list()).toEqual([
      {
        channel: 'sms',
        lane: 'bulk',
        operator: 'sara',
        reason: 'too many complaints',
        since: expect.any(Date),
      },
    ]);
    expect(blockedQueues(await lines().availableCapacity())).toEqual(['sms-bulk']);
    expect(await shutChannels(test.db)).toEqual([]);
  });

  it('has no usable line, and the other lanes have', async () => {
    await pauses().pause('sms', 'bulk', 'sara', 'too many complaints');
    expect(await lines().lineHealth('sms', 'bulk')).toEqual([]);
    expect(await lines().lineHealth('sms', 'urgent')).toHaveLength(1);
    expect(await lines().lineHealth('email', 'bulk')).toHaveLength(1);
  });

  it('does not block login codes', async () => {
    await pauses().pause('sms', 'urgent', 'sara', 'too many complaints');
    expect(await lines().lineHealth('sms', null)).toHaveLength(1);
    expect(await openQueues()).toContain('login-codes');
  });

  it('has its lines back when it is resumed', async () => {
    await pauses().pause('sms', 'bulk', 'sara', 'too many complaints');
    expect(await pauses().resume('sms', 'bulk')).toBe(true);
    expect(await pauses().resume('sms', 'bulk')).toBe(false);
    expect(await lines().lineHealth('sms', 'bulk')).toHaveLength(1);
    expect(blockedQueues(await lines().availableCapacity())).toEqual([]);
  });
});
