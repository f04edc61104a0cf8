import { createPermits } from '../core/permits/permits';
import { statement } from '../core/platform/statement';
import { createSessions } from '../core/sessions/sessions';
import { type LoadRequest, type LoadResult, requestAtConstantRate } from './constant-rate';
import { microsecondsPerItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import {
  type BenchResult,
  compareToLimit,
  describeCpu,
  type Figure,
  type Measurement,
  percentile,
} from './figures';
import { acceptMany, multiplyNotices, populate, vacuum } from './population';
import { SECRET_KEY, startApi } from './system';

const SMALL_TABLE_NOTICES = 10_000;
const REQUESTS_PER_SECOND = 50;
/** The two tables are measured in turns, so that other load of the machine falls on both. */
const ROUNDS = 4;
/** Warm-up before each turn, because idle connections are opened anew. */
const WARM_UP_SECONDS = 2;
const PERMIT_COUNT = 500;
/** Ratio of the p99 of the large table to that of the small one. */
const MAX_P99_GROWTH = 1.5;

type Page = 'list' | 'view' | 'inquiry';
const PAGES: Page[] = ['list', 'view', 'inquiry'];
const P99_LIMITS_MS: Record<Page, number> = { list: 50, view: 60, inquiry: 60 };

/** Measures the pages that people wait for, with `count` notices in the table and with ten thousand. */
export async function benchInbox(env: Environment, count = 1_000_000, seconds = 20): Promise<BenchResult> {
  await env.redis.empty();
  const sides = [
    await openTable(env, SMALL_TABLE_NOTICES, {
      name: 'api-small',
      redisUrl: new URL('/1', env.redis.url).href,
    }),
    await openTable(env, count),
  ] as const;
  const before = env.cpu();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const page of PAGES) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        await measureTurn(side, page, seconds / ROUNDS);
      }
    }
  }
  const after = env.cpu();
  const asked = sides.length * PAGES.length * REQUESTS_PER_SECOND * (seconds + ROUNDS * WARM_UP_SECONDS);
  for (const { api, db } of sides) {
    await api.stop();
    await db.close();
  }
  const [small, large] = sides.map(({ measured }) => measured) as [Measured, Measured];
  const failed = [...Object.values(small), ...Object.values(large)].reduce((sum, one) => sum + one.failed, 0);
  return {
    figures: [
      ...PAGES.flatMap((page) => figuresOf(page, count, small[page], large[page])),
      compareToLimit('inbox', { what: 'pages not answered with 200', value: failed, unit: '' }, 0),
    ],
    remarks: [
      `inbox: ${REQUESTS_PER_SECOND} requests a second for ${seconds} s in ${ROUNDS} turns, each page and each table by itself`,
      describeCpu('inbox', 'page', microsecondsPerItem(before, after, asked)),
    ],
  };
}

type Measured = Record<Page, LoadResult>;

/** A table of one size, the requests for its pages, and the results so far. */
interface MeasuredTable {
  db: BenchDatabase;
  api: Awaited<ReturnType<typeof startApi>>;
  requests: Record<Page, (n: number) => LoadRequest>;
  measured: Measured;
}

async function openTable(
  env: Environment,
  count: number,
  apiOptions?: { name: string; redisUrl: string },
): Promise<MeasuredTable> {
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile', 'email']);
  await acceptMany(db, sender, 'inbox', SMALL_TABLE_NOTICES);
  await multiplyNotices(db, 'inbox', Math.round(count / SMALL_TABLE_NOTICES));
  await vacuum(db);
  const api = await startApi(env, db, apiOptions);
  const none = (): LoadResult => ({ latencies: [], failed: 0 });
  const measured = { list: none(), view: none(), inquiry: none() };
  return { db, api, requests: await prepareRequests(db, api.url), measured };
}

async function measureTurn(
  { api, requests, measured }: MeasuredTable,
  page: Page,
  seconds: number,
): Promise<void> {
  const { latencies } = measured[page];
  // Each turn continues with other owners and permits than the one before.
  const begin = latencies.length;
  await requestAtConstantRate(api.url, REQUESTS_PER_SECOND, WARM_UP_SECONDS, requests[page]);
  const turn = await requestAtConstantRate(api.url, REQUESTS_PER_SECOND, seconds, (n) =>
    requests[page](begin + n),
  );
  latencies.push(...turn.latencies);
  measured[page].failed += turn.failed;
}

function figuresOf(page: Page, count: number, small: LoadResult, large: LoadResult): Figure[] {
  const p99 = (what: string, { latencies }: LoadResult): Measurement => ({
    what,
    unit: 'ms',
    runs: [percentile(latencies, 99)],
  });
  const value = p99(`${page}, p99 with ${count} notices`, large);
  const baseline = p99(`with ${SMALL_TABLE_NOTICES}`, small);
  const reached = (value.runs[0] as number) / (baseline.runs[0] as number);
  return [
    compareToLimit(
      'inbox',
      { what: value.what, value: value.runs[0] as number, unit: 'ms' },
      P99_LIMITS_MS[page],
    ),
    {
      name: 'inbox',
      what: `${page}, growth of p99`,
      value,
      baseline,
      reached,
      required: { below: MAX_P99_GROWTH },
      ok: reached <= MAX_P99_GROWTH,
    },
  ];
}

async function prepareRequests(db: BenchDatabase, url: string): Promise<MeasuredTable['requests']> {
  const owners = await signInAll(db);
  const panel = await openPanel(url);
  const permits = await issuePermits(db);
  return {
    list: (n) => ({ method: 'GET', path: '/inbox', headers: cycle(owners, n).headers }),
    view: (n) => {
      const { headers, noticeId } = cycle(owners, n);
      return { method: 'GET', path: `/inbox/${noticeId}`, headers };
    },
    inquiry: (n) => {
      const form = { csrf: panel.csrf, bodyName: 'شهرداری', ...cycle(permits, n) };
      return {
        method: 'POST',
        path: '/inquiry',
        headers: panel.headers,
        body: String(new URLSearchParams(form)),
      };
    },
  };
}

const cycle = <T>(all: T[], n: number): T => all[n % all.length] as T;

const READ_OWNERS = statement<{ employerId: string; mobile: string; noticeId: string }>(
  'bench-read-owners',
  `SELECT e.id AS "employerId", coalesce(e.mobile, '') AS mobile,
          (SELECT n.id FROM notices n WHERE n.employer_id = e.id ORDER BY random() LIMIT 1) AS "noticeId"
     FROM employers e ORDER BY e.id`,
  { employerId: 'int8', mobile: 'text', noticeId: 'uuid' },
);

/** Starts a session of every employer, and picks one notice of each. */
async function signInAll(db: BenchDatabase) {
  const employers = await db.query(READ_OWNERS);
  const sessions = createSessions(db);
  return Promise.all(
    employers.map(async ({ noticeId, ...owner }) => ({
      noticeId,
      headers: { cookie: `ablagh=${await sessions.start(owner)}` },
    })),
  );
}

/** Opens the inquiry form as a government body does. */
async function openPanel(url: string) {
  const answer = await fetch(`${url}/inquiry`);
  const csrf = /name="csrf" value="([^"]+)"/.exec(await answer.text())?.[1] as string;
  const [cookie = ''] = answer.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  return { csrf, headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' } };
}

const READ_NOTICES_WITHOUT_PERMIT = statement<{ noticeId: string; employerId: string; nationalId: string }>(
  'bench-read-notices-without-permit',
  `SELECT n.id AS "noticeId", e.id AS "employerId", e.national_id AS "nationalId"
     FROM employers e
     JOIN LATERAL (
       SELECT id FROM notices n WHERE n.employer_id = e.id
          AND NOT EXISTS (SELECT FROM permits p WHERE p.notice_id = n.id) LIMIT 1) n ON true
    LIMIT :count`,
  { noticeId: 'uuid', employerId: 'int8', nationalId: 'text' },
);

/** Issues permits for notices that have none. @returns the national ID and passcode of each */
async function issuePermits(db: BenchDatabase): Promise<{ nationalId: string; passcode: string }[]> {
  const notices = await db.query(READ_NOTICES_WITHOUT_PERMIT, { count: PERMIT_COUNT });
  const permits = createPermits(db, SECRET_KEY);
  return Promise.all(
    notices.map(async ({ nationalId, ...notice }) => {
      const issued = await permits.issue({ ...notice, duration: 'week' });
      return { nationalId, passcode: issued?.passcode as string };
    }),
  );
}
