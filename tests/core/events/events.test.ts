import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  canonicalJson,
  createEvents,
  type EventData,
  isCursor,
  type NewEvent,
} from '../../../core/events/events';
import type { Queryable } from '../../../core/platform/database';
import { useDatabase } from '../../support/database';
import { until } from '../../support/until';

const own = useDatabase({ max: 20 });

let sources = 0;
/** A source system of its own for each test: the feed is read per source system. */
const newSource = () => {
  sources += 1;
  return sources;
};

const event = (sourceId: number, n: number): NewEvent => ({
  sourceId,
  type: 'notice.refused',
  noticeId: null,
  actor: 'system',
  data: { n },
});

const numbersOf = (events: { data: EventData }[]) => events.map(({ data }) => data.n as number);

/** A reader of the feed that keeps its cursor, as source systems do. */
function reader(sourceId: number, limit: number) {
  const seen: number[] = [];
  let cursor: string | null = null;
  return {
    seen,
    /** Reads one page. Returns whether it held events. */
    async read() {
      const page = await createEvents(own.db).feed(sourceId, cursor, limit);
      seen.push(...numbersOf(page.events));
      cursor = page.next;
      return page.events.length > 0;
    },
    /** Reads until `count` events were seen: transactions of other databases may delay the feed for a moment. */
    async readAll(count: number) {
      await until(
        async () => {
          while (await this.read());
          return seen.length >= count;
        },
        { what: `${count} events in the feed` },
      );
      return seen;
    },
  };
}

/** A transaction that stays open between calls. */
function openTransaction() {
  let finish: (commit: boolean) => void = () => {};
  const end = new Promise<boolean>((resolve) => {
    finish = resolve;
  });
  let ready: (trx: Queryable) => void = () => {};
  const began = new Promise<Queryable>((resolve) => {
    ready = resolve;
  });
  const done = own.db
    .transaction(async (trx) => {
      ready(trx);
      if (!(await end)) throw new Error('rolled back');
    })
    .catch(() => {});
  return {
    append: async (events: NewEvent[]) => createEvents(await began).append(events),
    async end(commit: boolean) {
      finish(commit);
      await done;
    },
  };
}

describe('the feed of a source system', () => {
  test('gives its events in the order they were written, page by page', async () => {
    const source = newSource();
    for (let n = 0; n < 7; n += 1) await createEvents(own.db).append([event(source, n)]);
    const pages = reader(source, 3);
    expect(await pages.readAll(7)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('gives the events of one set in their order', async () => {
    const source = newSource();
    await createEvents(own.db).append(Array.from({ length: 50 }, (_, n) => event(source, n)));
    expect(await reader(source, 7).readAll(50)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test('gives each source system its own events only', async () => {
    const [one, other] = [newSource(), newSource()];
    await createEvents(own.db).append([event(one, 1), event(other, 2), event(one, 3)]);
    expect(await reader(one, 10).readAll(2)).toEqual([1, 3]);
    expect(await reader(other, 10).readAll(1)).toEqual([2]);
  });

  test('waits for a transaction that wrote early and commits late, and then skips nothing', async () => {
    const source = newSource();
    const slow = openTransaction();
    await slow.append([event(source, 1)]);
    await createEvents(own.db).append([event(source, 2)]);
    const pages = reader(source, 10);
    expect(await pages.read()).toBe(false);
    await slow.end(true);
    expect(await pages.readAll(2)).toEqual([1, 2]);
  });

  test('continues when the transaction it waits for is rolled back', async () => {
    const source = newSource();
    const slow = openTransaction();
    await slow.append([event(source, 1)]);
    await createEvents(own.db).append([event(source, 2)]);
    await slow.end(false);
    expect(await reader(source, 10).readAll(1)).toEqual([2]);
  });

  test('gives every event once, however writers and readers interleave', async () => {
    const step = fc.record({
      writer: fc.nat(5),
      act: fc.constantFrom('append', 'append', 'commit', 'commit', 'roll back', 'read'),
      size: fc.integer({ min: 1, max: 4 }),
    });
    const schedule = fc.array(step, { minLength: 10, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(schedule, fc.integer({ min: 1, max: 5 }), async (steps, limit) => {
        const source = newSource();
        const pages = reader(source, limit);
        const open = new Map<number, { trx: ReturnType<typeof openTransaction>; written: number[] }>();
        const committed: number[] = [];
        let n = 0;
        const end = async (writer: number, commit: boolean) => {
          const own = open.get(writer);
          if (!own) return;
          open.delete(writer);
          await own.trx.end(commit);
          if (commit) committed.push(...own.written);
        };
        for (const { writer, act, size } of steps) {
          if (act === 'read') await pages.read();
          else if (act === 'append') {
            const own = open.get(writer) ?? { trx: openTransaction(), written: [] };
            open.set(writer, own);
            const numbers = Array.from({ length: size }, () => n++);
            await own.trx.append(numbers.map((number) => event(source, number)));
            own.written.push(...numbers);
          } else await end(writer, act === 'commit');
        }
        for (const writer of [...open.keys()]) await end(writer, true);
        const seen = await pages.readAll(committed.length);
        expect(seen.toSorted((a, b) => a - b)).toEqual(committed.toSorted((a, b) => a - b));
        expect(await reader(source, 1_000).readAll(committed.length)).toEqual(seen);
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  test('gives every event while writers and a reader run at full speed', async () => {
    const source = newSource();
    const pages = reader(source, 17);
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 40; i += 1) {
        await own.db.transaction(async (trx) => {
          await createEvents(trx).append([event(source, writer * 1_000 + i)]);
          if (i % 3 === 0) await trx.query('SELECT pg_sleep(0.002)');
        });
      }
    });
    let writing = true;
    const reading = (async () => {
      while (writing) await pages.read();
    })();
    await Promise.all(writers);
    writing = false;
    await reading;
    const seen = await pages.readAll(320);
    expect(new Set(seen).size).toBe(320);
    expect(seen).toHaveLength(320);
  });

  test('gives the same cursor back when there is nothing new, and accepts a cursor for ever', async () => {
    const source = newSource();
    const feed = (after: string | null) => createEvents(own.db).feed(source, after, 2);
    expect(await feed(null)).toEqual({ events: [], next: '0-0' });
    await createEvents(own.db).append([event(source, 1), event(source, 2), event(source, 3)]);
    const first = await until(async () => {
      const page = await feed('0-0');
      return page.events.length === 2 && page;
    });
    expect(isCursor(first.next)).toBe(true);
    const second = await feed(first.next);
    expect(numbersOf(second.events)).toEqual([3]);
    expect(await feed(second.next)).toEqual({ events: [], next: second.next });
    expect(await feed(first.next)).toEqual(second);
  });

  test('gives the type, the instant and the notice of each event', async () => {
    const source = newSource();
    const data = { reference: 'HR-1', code: 'unknown_employer', detail: 'کارفرما' };
    await createEvents(own.db).append([{ ...event(source, 1), data }]);
    const { events } = await until(async () => {
      const page = await createEvents(own.db).feed(source, null, 10);
      return page.events.length > 0 && page;
    });
    expect(events).toEqual([
      {
        seq: expect.any(Number),
        at: expect.any(Date),
        type: 'notice.refused',
        noticeId: null,
        trackingNumber: null,
        reference: 'HR-1',
        data,
      },
    ]);
  });
});

describe('a cursor', () => {
  test.each(['0-0', '1-1', '745-12'])('is %s', (text) => expect(isCursor(text)).toBe(true));

  test.each([
    '',
    '1',
    '1-',
    '080-0',
    '0-01',
    '-1',
    'a-b',
    '1-1 ',
    '1-1\n',
    `${'9'.repeat(19)}-1`,
    '1-1; DROP TABLE events',
  ])('is not %j', (text) => expect(isCursor(text)).toBe(false));

  test('is always valid for PostgreSQL', async () => {
    const digits = fc.array(fc.nat(9), { minLength: 1, maxLength: 18 }).map((list) => list.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.tuple(digits, digits).map((pair) => pair.join('-')),
          fc.string(),
        ),
        async (text) => {
          await createEvents(own.db).feed(newSource(), text, 1);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the timeline of a notice', () => {
  const noticeId = randomUUID();
  beforeAll(async () => {
    const source = newSource();
    const events = createEvents(own.db);
    for (let n = 1; n <= 5; n += 1) await events.append([{ ...event(source, n), noticeId }]);
    await events.append([{ ...event(source, 6), noticeId: randomUUID() }]);
  });

  test('has all its events, oldest first', async () => {
    const timeline = await createEvents(own.db).timeline(noticeId);
    expect(numbersOf(timeline)).toEqual([1, 2, 3, 4, 5]);
    expect(timeline[0]).toMatchObject({ type: 'notice.refused', actor: 'system', at: expect.any(Date) });
  });

  test('gives the latest events, and those it began with', async () => {
    const events = createEvents(own.db);
    const latest = await events.timeline(noticeId, 2);
    expect(numbersOf(latest)).toEqual([4, 5]);
    const before = latest[0]?.seq as string;
    expect(numbersOf(await events.timelineStart(noticeId, before, 2))).toEqual([1, 2]);
    expect(numbersOf(await events.timelineStart(noticeId, before, 10))).toEqual([1, 2, 3]);
  });

  test('is empty for a notice without events', async () => {
    expect(await createEvents(own.db).timeline(randomUUID())).toEqual([]);
  });
});

describe('the record of events', () => {
  test.each([
    ['UPDATE', `UPDATE events SET type = 'notice.viewed'`],
    ['UPDATE of no row', `UPDATE events SET type = 'notice.viewed' WHERE false`],
    ['DELETE', 'DELETE FROM events'],
    ['TRUNCATE', 'TRUNCATE events'],
    [
      'upsert',
      `INSERT INTO events (source_id, tx, seq, type, actor, data) OVERRIDING SYSTEM VALUE
       SELECT source_id, tx, seq, type, actor, data FROM events LIMIT 1
       ON CONFLICT (source_id, tx, seq) DO UPDATE SET type = 'notice.viewed'`,
    ],
  ])('refuses %s', async (_, sql) => {
    const source = newSource();
    await createEvents(own.db).append([event(source, 1)]);
    const all = () => own.db.query('SELECT * FROM events ORDER BY tx, seq');
    const before = await all();
    await expect(own.db.query(sql)).rejects.toMatchObject({ code: '23001' });
    expect(await all()).toEqual(before);
  });

  test('is written together with its effect, or not at all', async () => {
    const source = newSource();
    const work = own.db.transaction(async (trx) => {
      await createEvents(trx).append([event(source, 1)]);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await own.db.query('SELECT 1 FROM events WHERE source_id = $1', [source])).toEqual([]);
  });

  test('writes nothing for no events', async () => {
    await expect(createEvents(own.db).append([])).resolves.toBeUndefined();
  });
});

describe('the data of an event', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string()),
  );
  const eventData = fc.dictionary(fc.string(), value);

  test('is the same text in any order of its keys', () => {
    fc.assert(
      fc.property(eventData, fc.infiniteStream(fc.nat()), (data, ranks) => {
        const shuffled = Object.entries(data)
          .map((entry) => ({ entry, rank: ranks.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank);
        expect(canonicalJson(Object.fromEntries(shuffled.map(({ entry }) => entry)))).toBe(
          canonicalJson(data),
        );
      }),
    );
  });

  test('keeps its values', () => {
    fc.assert(
      fc.property(eventData, (data) => {
        expect(JSON.parse(canonicalJson(data))).toEqual({ ...data });
      }),
    );
  });

  test('is stored as the same text', async () => {
    const source = newSource();
    await createEvents(own.db).append([
      { ...event(source, 1), data: { b: 'ب "\\ \n', a: 1.5, c: ['x'], n: null } },
    ]);
    const rows = await own.db.query('SELECT data::text AS text FROM events WHERE source_id = $1', [source]);
    expect(rows).toEqual([{ text: '{"a":1.5,"b":"ب \\"\\\\ \\n","c":["x"],"n":null}' }]);
  });
});
