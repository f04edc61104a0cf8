import { type ConfiguredLine, chooseLine, recordCalls } from '../../../core/channels/choose-line';
import { createLines, type LineHealth } from '../../../core/channels/lines';
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
const find = async (ours: ConfiguredLine[], random = Math.random, count = 200) =>
  chooseLine(test.db, await lines().lineHealth('sms', 'normal'), ours, 'normal', async () => count, random);
const breakLine = (name: string, since = '10 seconds') =>
  test.db.query('UPDATE lines SET failures = 5, broken_until = now() - $2::interval WHERE name = $1', [
    name,
    since,
  ]);
const versions = () => test.db.query('SELECT name, xmin::text FROM lines ORDER BY name');
const health = async (name: string) =>
  (await lines().lineHealth('sms', 'normal')).find((line: LineHealth) => line.name === name)?.health;

describe('the way of a set', () => {
  it('is one of our lines, by their weights', async () => {
    const ways = await Promise.all(
      [0, 0.2, 0.26, 0.5, 0.99].map((random) => find([FIRST, SECOND], () => random)),
    );
    expect(ways.map((way) => way?.line)).toEqual([
      'kavenegar',
      'kavenegar',
      'kavenegar-second',
      'kavenegar-second',
      'kavenegar-second',
    ]);
    expect(ways[0]).toEqual({
      line: 'kavenegar',
      limit: Number.POSITIVE_INFINITY,
      probe: null,
      failing: false,
    });
  });

  it('is another line when the one it would be is shut or broken, and none when all are', async () => {
    await lines().disable('kavenegar-second', 'closed', '403', 'the API key is not valid');
    expect((await find([FIRST, SECOND], () => 0.99))?.line).toBe('kavenegar');
    await breakLine('kavenegar', '-10 seconds');
    expect(await find([FIRST, SECOND])).toBeNull();
  });

  it('is never a line that only other processes have', async () => {
    expect((await find([FIRST], () => 0.99))?.line).toBe('kavenegar');
    await lines().disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await find([FIRST])).toBeNull();
  });

  it('is as wide as the rate of the line has room', async () => {
    await lines().setRate('kavenegar', 10);
    expect(await find([FIRST])).toMatchObject({ line: 'kavenegar', limit: 8 });
    expect(await find([FIRST])).toBeNull();
    expect(await find([FIRST, SECOND], () => 0)).toMatchObject({ line: 'kavenegar-second' });
  });

  it('takes no room for a set in which nothing waits', async () => {
    await lines().setRate('kavenegar', 10);
    expect(await find([FIRST], () => 0, 0)).toMatchObject({ limit: Number.POSITIVE_INFINITY });
    expect(await find([FIRST])).toMatchObject({ limit: 8 });
  });

  it('is one message by a line that broke, once its time is over, and by one process only', async () => {
    await breakLine('kavenegar-second');
    const ways = await Promise.all(Array.from({ length: 5 }, () => find([FIRST, SECOND])));
    const probes = ways.filter((way) => way?.probe);
    expect(probes).toMatchObject([{ line: 'kavenegar-second', limit: 1 }]);
    expect(ways.filter((way) => way?.line === 'kavenegar')).toHaveLength(4);
  });
});

describe('what calls came to', () => {
  it('is not written down while they work: a healthy line costs nothing', async () => {
    const before = await versions();
    const way = await find([FIRST]);
    expect(await recordCalls(test.db, way as never, ANSWERED)).toBeNull();
    expect(await versions()).toEqual(before);
  });

  it('ends a streak of failures, and tells who broke the line', async () => {
    for (let i = 0; i < 3; i += 1) await recordCalls(test.db, (await find([FIRST])) as never, FAILED);
    await recordCalls(test.db, (await find([FIRST])) as never, ANSWERED);
    expect(await health('kavenegar')).toBe('well');
    const told: unknown[] = [];
    for (let i = 0; i < 5; i += 1)
      told.push(await recordCalls(test.db, (await find([FIRST])) as never, FAILED));
    expect(told).toEqual([null, null, null, null, 'broken']);
  });

  it('decides a probe', async () => {
    await breakLine('kavenegar');
    expect(await recordCalls(test.db, (await find([FIRST])) as never, FAILED)).toBeNull();
    expect(await health('kavenegar')).toBe('out');
    await breakLine('kavenegar');
    expect(await recordCalls(test.db, (await find([FIRST])) as never, ANSWERED)).toBe('mended');
    expect(await health('kavenegar')).toBe('well');
  });

  it('leaves a probe to others when none was made', async () => {
    await breakLine('kavenegar');
    await recordCalls(test.db, (await find([FIRST])) as never, NOT_CALLED);
    expect(await health('kavenegar')).toBe('probe');
  });
});
