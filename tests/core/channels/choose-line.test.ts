import {
  type ConfiguredLine,
  chooseLine,
  type LineChoice,
  recordCalls,
} from '../../../core/channels/choose-line';
import { createLines } from '../../../core/channels/lines';
import { useDatabase } from '../../support/database';

const test = useDatabase();
const FIRST = { line: 'kavenegar', weight: 1 };
const SECOND = { line: 'kavenegar-second', weight: 3 };
const ANSWERED = { answered: true, failed: 0 };
const FAILED = { answered: false, failed: 1 };
const NOT_CALLED = { answered: false, failed: 0 };

beforeEach(() =>
  test.db.query(
    `DELETE FROM lines;
     INSERT INTO lines (name, channel) VALUES ('kavenegar', 'sms'), ('kavenegar-second', 'sms'), ('kavenegar-third', 'sms')`,
  ),
);

const lines = () => createLines(test.db);
const choose = async (ours: ConfiguredLine[], random = Math.random, count = 200) =>
  chooseLine(test.db, {
    health: await lines().lineHealth('sms', 'normal'),
    lines: ours,
    lane: 'normal',
    countWaiting: async () => count,
    random,
  });
const chooseFirst = async () => (await choose([FIRST])) as LineChoice;
const tripCircuit = (name: string, since = '10 seconds') =>
  test.db.query('UPDATE lines SET failures = 5, broken_until = now() - $2::interval WHERE name = $1', [
    name,
    since,
  ]);
const versions = () => test.db.query('SELECT name, xmin::text FROM lines ORDER BY name');
const statusOf = async (name: string) =>
  (await lines().lineHealth('sms', 'normal')).find((line) => line.name === name)?.status;

describe('the choice of a line for a set', () => {
  it('falls on the lines of this process by their weights', async () => {
    const choices = await Promise.all(
      [0, 0.2, 0.26, 0.5, 0.99].map((random) => choose([FIRST, SECOND], () => random)),
    );
    expect(choices.map((choice) => choice?.line)).toEqual([
      'kavenegar',
      'kavenegar',
      'kavenegar-second',
      'kavenegar-second',
      'kavenegar-second',
    ]);
    expect(choices[0]).toEqual({
      line: 'kavenegar',
      limit: Number.POSITIVE_INFINITY,
      probe: null,
      failing: false,
    });
  });

  it('falls on another line when one is disabled or tripped, and on none when all are', async () => {
    await lines().disable('kavenegar-second', 'closed', '403', 'the API key is not valid');
    expect((await choose([FIRST, SECOND], () => 0.99))?.line).toBe('kavenegar');
    await tripCircuit('kavenegar', '-10 seconds');
    expect(await choose([FIRST, SECOND])).toBeNull();
  });

  it('never falls on a line that only other processes have', async () => {
    expect((await choose([FIRST], () => 0.99))?.line).toBe('kavenegar');
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await choose([FIRST])).toBeNull();
  });

  it('is limited to the capacity that the rate of the line leaves', async () => {
    await lines().setRate('kavenegar', 10);
    expect(await choose([FIRST])).toMatchObject({ line: 'kavenegar', limit: 8 });
    expect(await choose([FIRST])).toBeNull();
    expect(await choose([FIRST, SECOND], () => 0)).toMatchObject({ line: 'kavenegar-second' });
  });

  it('acquires no capacity for a set in which nothing waits', async () => {
    await lines().setRate('kavenegar', 10);
    expect(await choose([FIRST], () => 0, 0)).toMatchObject({ limit: Number.POSITIVE_INFINITY });
    expect(await choose([FIRST])).toMatchObject({ limit: 8 });
  });

  it('is one message by a tripped line that is due for a probe, in one process only', async () => {
    await tripCircuit('kavenegar-second');
    const choices = await Promise.all(Array.from({ length: 5 }, () => choose([FIRST, SECOND])));
    const probes = choices.filter((choice) => choice?.probe);
    expect(probes).toMatchObject([{ line: 'kavenegar-second', limit: 1 }]);
    expect(choices.filter((choice) => choice?.line === 'kavenegar')).toHaveLength(4);
  });
});

describe('the record of calls', () => {
  it('writes nothing while calls work: a healthy line costs nothing', async () => {
    const before = await versions();
    expect(await recordCalls(test.db, await chooseFirst(), ANSWERED)).toBeNull();
    expect(await versions()).toEqual(before);
  });

  it('ends a streak of failures, and says which call tripped the circuit', async () => {
    for (let i = 0; i < 3; i += 1) await recordCalls(test.db, await chooseFirst(), FAILED);
    await recordCalls(test.db, await chooseFirst(), ANSWERED);
    expect(await statusOf('kavenegar')).toBe('healthy');
    const changes: unknown[] = [];
    for (let i = 0; i < 5; i += 1) changes.push(await recordCalls(test.db, await chooseFirst(), FAILED));
    expect(changes).toEqual([null, null, null, null, 'tripped']);
  });

  it('decides a probe', async () => {
    await tripCircuit('kavenegar');
    expect(await recordCalls(test.db, await chooseFirst(), FAILED)).toBeNull();
    expect(await statusOf('kavenegar')).toBe('unavailable');
    await tripCircuit('kavenegar');
    expect(await recordCalls(test.db, await chooseFirst(), ANSWERED)).toBe('recovered');
    expect(await statusOf('kavenegar')).toBe('healthy');
  });

  it('releases a probe that was not made', async () => {
    await tripCircuit('kavenegar');
    await recordCalls(test.db, await chooseFirst(), NOT_CALLED);
    expect(await statusOf('kavenegar')).toBe('probe_due');
  });
});
