import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createLines } from '../core/channels/lines';
import { observe } from '../core/monitoring/measure/observe';
import { createOverviewReader } from '../core/monitoring/overview-reader';
import { createOperatorSessions } from '../core/operators/operator-sessions';
import { createOperators } from '../core/operators/operators';
import { createLog } from '../core/platform/log';
import { enqueueSql } from '../core/platform/outbox';
import { QUEUE_NAMES, WORK_JOB } from '../core/platform/queues';
import { createRedisQueueBackend } from '../core/platform/redis-queue-backend';
import { statement } from '../core/platform/statement';
import { type LoadRequest, type LoadResult, requestAtConstantRate } from './constant-rate';
import type { BenchDatabase, Environment } from './environment';
import { type BenchResult, compareToLimit, mean, percentile } from './figures';
import { acceptMany, multiplyNotices, populate, vacuum } from './population';
import { startApi, startWorkers } from './system';

const ACCEPTED_NOTICES = 10_000;
const REQUESTS_PER_SECOND = 20;
const WARM_UP_SECONDS = 2;
const SEARCH_P99_LIMIT_MS = 100;
const PAGE_P99_LIMIT_MS = 300;
/** Share of one processor. */
const MAX_CPU_PERCENT = 1;
const OPEN_PAGES = 10;
/** Alerts in one job. */
const ALERTS_PER_JOB = 100;
const WAITING_QUEUE = 'sms-bulk';

/**
 * Measures the pages that operators wait for, with `count` notices and half as many alerts waiting one by one behind disabled lines, in
 * PostgreSQL and in BullMQ; and the processor time that open pages cost PostgreSQL.
 */
export async function benchOperators(env: Environment, count = 1_000_000, seconds = 6): Promise<BenchResult> {
  const waiting = Math.round(count / 2);
  const db = await fillDatabase(env, count, waiting);
  const api = await startApi(env, db);
  const workers = await startWorkers(env, db, {});
  await waitUntilMeasured(db, waiting);
  const operator = await signIn(db, api.url);
  const pages = await measurePages(db, api.url, operator, seconds);
  const measuringMs = await timeMeasuring(db, env.redis.url);
  // The workers' own load would be measured along with the pages.
  await workers.stop();
  const streams = await measureStreams(env, api.url, operator, 5 * seconds);
  const overviewMs = await timeOverview(db);
  await api.stop();
  await db.close();

  const failed = pages.reduce((sum, { result }) => sum + result.failed, 0);
  const { closed, open, readings } = streams;
  return {
    figures: [
      ...pages.map(({ what, limitMs, result }) =>
        compareToLimit(
          'operators',
          { what: `${what}, p99`, value: percentile(result.latencies, 99), unit: 'ms' },
          limitMs,
        ),
      ),
      compareToLimit('operators', { what: 'answers that were none', value: failed, unit: '' }, 0),
      compareToLimit(
        'operators',
        { what: `${OPEN_PAGES} open pages, of PostgreSQL's processor`, value: open - closed, unit: '%' },
        MAX_CPU_PERCENT,
      ),
    ],
    remarks: [
      `operators: ${count} notices, ${waiting} waiting; ${REQUESTS_PER_SECOND} requests a second for ${seconds} s, each kind by itself`,
      `operators: without an open page ${closed.toFixed(2)} %, with ${OPEN_PAGES} ${open.toFixed(2)} % of a processor; ${readings} readings told`,
      `operators: one reading for all pages ${overviewMs.toFixed(1)} ms, every 2 s; one round of measuring ${measuringMs.toFixed(0)} ms, then rest for a hundred times that`,
    ],
  };
}

async function fillDatabase(env: Environment, count: number, waiting: number): Promise<BenchDatabase> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile', 'email']);
  await acceptMany(db, sender, 'operators', ACCEPTED_NOTICES);
  await multiplyNotices(db, 'operators', Math.round(count / ACCEPTED_NOTICES));
  await writeAttempts(db);
  await queueWaitingAlerts(db, env.redis.url, waiting);
  await vacuum(db);
  return db;
}

interface MeasuredPage {
  what: string;
  limitMs: number;
  result: LoadResult;
}

/** Measures each kind of search and each page by itself. */
async function measurePages(
  db: BenchDatabase,
  url: string,
  operator: SignedIn,
  seconds: number,
): Promise<MeasuredPage[]> {
  const measure = async (request: (n: number) => LoadRequest): Promise<LoadResult> => {
    await requestAtConstantRate(url, REQUESTS_PER_SECOND, WARM_UP_SECONDS, request);
    return requestAtConstantRate(url, REQUESTS_PER_SECOND, seconds, request);
  };
  const measured: MeasuredPage[] = [];
  for (const [what, request] of Object.entries(await searches(db, operator)))
    measured.push({ what, limitMs: SEARCH_P99_LIMIT_MS, result: await measure(request) });
  const { headers } = operator;
  for (const [what, path] of Object.entries(PAGES)) {
    const result = await measure(() => ({ method: 'GET', path, headers }));
    measured.push({ what, limitMs: PAGE_P99_LIMIT_MS, result });
  }
  return measured;
}

/** Measures PostgreSQL's share of a processor without open pages and with some. */
async function measureStreams(env: Environment, url: string, { headers }: SignedIn, seconds: number) {
  const closed = await postgresCpuPercent(env, seconds);
  const closeStreams = await openStreams(url, headers);
  const open = await postgresCpuPercent(env, seconds);
  return { closed, open, readings: closeStreams() };
}

const PAGES = {
  '/ops': '/ops',
  '/ops/queues': '/ops/queues',
  "/ops/queues, the board's own call": `/ops/queues/api/queues?activeQueue=${WAITING_QUEUE}&status=delayed&page=1&jobsPerPage=10`,
  '/ops/steering': '/ops/steering',
  '/ops/dead-letters': '/ops/dead-letters',
};

/** Writes the attempt of each delivered SMS, with the message id of the provider. */
async function writeAttempts(db: BenchDatabase): Promise<void> {
  await db.query(
    `INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, parts, cost)
     SELECT nextval('attempt_ids'), id, 'kavenegar', sent_at, 'accepted', '1', (90000000000 + id)::text, 2, 3000
       FROM alerts WHERE channel = 'sms' AND state = 'delivered'`,
  );
}

const QUEUE_WAITING_ALERTS = statement(
  'bench-queue-waiting-alerts',
  `WITH added AS (
     INSERT INTO alerts (notice_id, source_id, channel, lane, address, expires_at)
     SELECT n.id, n.source_id, 'sms', 'bulk', e.mobile, now() + interval '72 hours'
       FROM (SELECT * FROM notices LIMIT :count) n JOIN employers e ON e.id = n.employer_id
     RETURNING id)
   ${enqueueSql({ queue: ':queue::text', subjectIds: 'ARRAY[id]', trace: 'NULL', from: 'added' })}`,
  {},
);

/** Writes alerts that wait one by one, as after requests of one notice each, and as many delayed jobs. */
async function queueWaitingAlerts(db: BenchDatabase, redisUrl: string, count: number): Promise<void> {
  const lines = createLines(db);
  for (const line of ['kavenegar', 'smtp']) await lines.disable(line, 'closed', '403', 'refused');
  await db.query(QUEUE_WAITING_ALERTS, { count, queue: WAITING_QUEUE });
  const backend = createRedisQueueBackend(redisUrl, createLog('bench', 'warn'));
  await backend.warmUp([WAITING_QUEUE]);
  const jobs = Array.from({ length: count / ALERTS_PER_JOB }, (_, i) => ({
    name: WORK_JOB,
    data: { ids: Array.from({ length: ALERTS_PER_JOB }, (_, k) => String(i * ALERTS_PER_JOB + k)) },
    opts: { delay: 3_600_000 },
  }));
  for (let from = 0; from < jobs.length; from += 1_000)
    await backend.queue(WAITING_QUEUE).addBulk(jobs.slice(from, from + 1_000));
  await backend.close();
}

async function waitUntilMeasured(db: BenchDatabase, waiting: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const { queues } = await createOverviewReader(db).read();
    if (queues.some(({ waiting: due }) => due >= waiting)) return;
    await delay(200);
  }
  throw new Error('nobody measured how many alerts wait');
}

interface SignedIn {
  headers: Record<string, string>;
  csrf: string;
}

const READ_OPERATOR = statement<{ id: number }>(
  'bench-read-operator',
  `SELECT id FROM operators WHERE name = 'bench'`,
  { id: 'int4' },
);

async function signIn(db: BenchDatabase, url: string): Promise<SignedIn> {
  await createOperators(db).add('bench', 'operator');
  const [row] = await db.query(READ_OPERATOR);
  const headers = { cookie: `ablagh-ops=${await createOperatorSessions(db).start(row?.id as number)}` };
  const page = await (await fetch(`${url}/ops/find`, { headers })).text();
  return { headers, csrf: /name="csrf" value="([^"]+)"/.exec(page)?.[1] as string };
}

interface SearchSample {
  id: string;
  tracking: string;
  reference: string;
  nationalId: string;
  mobile: string;
  message: string;
}

const READ_SEARCH_SAMPLES = statement<SearchSample>(
  'bench-read-search-samples',
  `SELECT n.id, n.tracking_number AS tracking, n.reference, e.national_id AS "nationalId",
          '0' || substr(e.mobile, 4) AS mobile, coalesce(t.provider_message_id, '') AS message
     FROM attempts t JOIN alerts a ON a.id = t.alert_id JOIN notices n ON n.id = a.notice_id
     JOIN employers e ON e.id = n.employer_id
    WHERE t.alert_id % 997 = 0 LIMIT 500`,
  { id: 'uuid', tracking: 'int8', reference: 'text', nationalId: 'text', mobile: 'text', message: 'text' },
);

/** Returns a search by each kind of key, and the page of the notice that a search leads to. */
async function searches(db: BenchDatabase, { headers, csrf }: SignedIn) {
  const samples = await db.query(READ_SEARCH_SAMPLES);
  const sample = (n: number) => samples[n % samples.length] as SearchSample;
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
  const search = (key: keyof SearchSample, status: number) => (n: number) =>
    ({
      method: 'POST',
      path: '/ops/find',
      headers: form,
      body: String(new URLSearchParams({ csrf, q: sample(n)[key] })),
      status,
    }) satisfies LoadRequest;
  return {
    'find by tracking number': search('tracking', 303),
    'find by reference': search('reference', 303),
    "find by the provider's message id": search('message', 303),
    'find by national ID': search('nationalId', 200),
    'find by mobile': search('mobile', 200),
    'the page of a notice': (n: number) =>
      ({ method: 'GET', path: `/ops/notices/${sample(n).id}`, headers }) satisfies LoadRequest,
  };
}

/** Measures the share of one processor that PostgreSQL uses, in per cent. */
async function postgresCpuPercent(env: Environment, seconds: number): Promise<number> {
  const { postgres: before = 0 } = env.cpu();
  await delay(seconds * 1_000);
  const { postgres: after = 0 } = env.cpu();
  return (100 * (after - before)) / seconds;
}

/** Opens the stream of the status page in several clients. @returns a function that closes them and returns the number of readings */
async function openStreams(url: string, headers: Record<string, string>): Promise<() => number> {
  let readings = 0;
  const requests = await Promise.all(
    Array.from({ length: OPEN_PAGES }, async () => {
      const request = http.get(`${url}/ops/stream`, { headers });
      await new Promise<void>((resolve, reject) => {
        request.once('error', reject);
        request.once('response', (response) => {
          response.on('error', () => {});
          response.on('data', (chunk: Buffer) => {
            readings += chunk.toString().split('event: status').length - 1;
            if (readings > 0) resolve();
          });
        });
      });
      return request;
    }),
  );
  return () => {
    for (const request of requests) request.destroy();
    return readings;
  };
}

/** Returns the milliseconds of one reading of the overview, which is repeated while a page is open. */
async function timeOverview(db: BenchDatabase): Promise<number> {
  const runs: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    await createOverviewReader(db).read();
    runs.push(performance.now() - began);
  }
  return mean(runs);
}

/** Returns the milliseconds of one round of measurements, which one process takes for all. */
async function timeMeasuring(db: BenchDatabase, redisUrl: string): Promise<number> {
  const log = createLog('bench', 'silent');
  const backend = createRedisQueueBackend(redisUrl, log);
  await backend.warmUp(QUEUE_NAMES);
  const { databaseMs } = await observe({ db, backend, log, lowCreditRials: 0 });
  await backend.close();
  return databaseMs;
}
