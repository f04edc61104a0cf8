import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createLines } from '../core/channels/lines';
import { observe } from '../core/monitoring/measure/observe';
import { createOverviewReader } from '../core/monitoring/overview-reader';
import { createOperatorSessions } from '../core/operators/operator-sessions';
import { createOperators } from '../core/operators/operators';
import { createLog } from '../core/platform/log';
import { QUEUE_NAMES, WORK_JOB } from '../core/platform/queues';
import { createRedisQueueBackend } from '../core/platform/redis-queue-backend';
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
/** Of one processor. */
const MAX_CPU_PERCENT = 1;
const OPEN_PAGES = 10;
/** Alerts in one job. */
const ALERTS_PER_JOB = 100;
const WAITING_QUEUE = 'sms-bulk';

/**
 * What operators wait for, with `count` notices and half as many alerts waiting one by one behind shut lines, in
 * PostgreSQL and in BullMQ; and what their open pages cost PostgreSQL.
 */
export async function benchOperators(env: Environment, count = 1_000_000, seconds = 6): Promise<BenchResult> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, ['mobile', 'email']);
  await acceptMany(db, sender, 'operators', ACCEPTED_NOTICES);
  await multiplyNotices(db, 'operators', Math.round(count / ACCEPTED_NOTICES));
  await writeAttempts(db);
  const waiting = Math.round(count / 2);
  await queueWaitingAlerts(db, env.redis.url, waiting);
  await vacuum(db);
  const api = await startApi(env, db);
  const workers = await startWorkers(env, db, {});
  await waitUntilMeasured(db, waiting);
  const operator = await signIn(db, api.url);

  const measure = async (request: (n: number) => LoadRequest): Promise<LoadResult> => {
    await requestAtConstantRate(api.url, REQUESTS_PER_SECOND, WARM_UP_SECONDS, request);
    return requestAtConstantRate(api.url, REQUESTS_PER_SECOND, seconds, request);
  };
  const found: [what: string, limit: number, LoadResult][] = [];
  for (const [what, request] of Object.entries(await searches(db, operator)))
    found.push([what, SEARCH_P99_LIMIT_MS, await measure(request)]);
  for (const [what, path] of Object.entries(PAGES))
    found.push([
      what,
      PAGE_P99_LIMIT_MS,
      await measure(() => ({ method: 'GET', path, headers: operator.headers })),
    ]);

  const round = await timeMeasuring(db, env.redis.url);
  // They would be measured along with the page.
  await workers.stop();
  const closed = await postgresCpuPercent(env, 5 * seconds);
  const leave = await openStreams(api.url, operator.headers);
  const open = await postgresCpuPercent(env, 5 * seconds);
  const readings = leave();
  const reading = await timeOverview(db);
  await api.stop();
  await db.close();

  const failed = found.reduce((sum, [, , steady]) => sum + steady.failed, 0);
  const state = `${count} notices, ${waiting} waiting`;
  return {
    figures: [
      ...found.map(([what, limit, { latencies }]) =>
        compareToLimit('operators', `${what}, p99`, percentile(latencies, 99), 'ms', limit),
      ),
      compareToLimit('operators', 'answers that were none', failed, '', 0),
      compareToLimit(
        'operators',
        `${OPEN_PAGES} open pages, of PostgreSQL's processor`,
        open - closed,
        '%',
        MAX_CPU_PERCENT,
      ),
    ],
    remarks: [
      `operators: ${state}; ${REQUESTS_PER_SECOND} requests a second for ${seconds} s, each kind by itself`,
      `operators: without an open page ${closed.toFixed(2)} %, with ${OPEN_PAGES} ${open.toFixed(2)} % of a processor; ${readings} readings told`,
      `operators: one reading for all pages ${reading.toFixed(1)} ms, every 2 s; one round of measuring ${round.toFixed(0)} ms, then rest for a hundred times that`,
    ],
  };
}

const PAGES = {
  '/ops': '/ops',
  '/ops/queues': '/ops/queues',
  "/ops/queues, the board's own call": `/ops/queues/api/queues?activeQueue=${WAITING_QUEUE}&status=delayed&page=1&jobsPerPage=10`,
  '/ops/steering': '/ops/steering',
  '/ops/dead-letters': '/ops/dead-letters',
};

/** Each SMS that was delivered, as the provider knows it. */
async function writeAttempts(db: BenchDatabase): Promise<void> {
  await db.query(
    `INSERT INTO attempts (id, alert_id, provider, at, outcome, code, provider_message_id, parts, cost)
     SELECT nextval('attempt_ids'), id, 'kavenegar', sent_at, 'accepted', '1', (90000000000 + id)::text, 2, 3000
       FROM alerts WHERE channel = 'sms' AND state = 'delivered'`,
  );
}

/** Alerts that wait one by one, as after requests of one notice each, and the jobs of as many that are put off. */
async function queueWaitingAlerts(db: BenchDatabase, redisUrl: string, count: number): Promise<void> {
  const lines = createLines(db);
  for (const line of ['kavenegar', 'smtp']) await lines.disable(line, 'closed', '403', 'refused');
  await db.query(
    `WITH added AS (
       INSERT INTO alerts (notice_id, source_id, channel, lane, address, expires_at)
       SELECT n.id, n.source_id, 'sms', 'bulk', e.mobile, now() + interval '72 hours'
         FROM (SELECT * FROM notices LIMIT $1) n JOIN employers e ON e.id = n.employer_id
       RETURNING id)
     INSERT INTO outbox (queue, subject_ids, run_at, relay_at) SELECT $2, ARRAY[id], now(), now() FROM added`,
    [count, WAITING_QUEUE],
  );
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

async function signIn(db: BenchDatabase, url: string): Promise<SignedIn> {
  await createOperators(db).add('bench', 'operator');
  const [row] = await db.query<{ id: number }>(`SELECT id FROM operators WHERE name = 'bench'`);
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

/** A search by each kind of key, and the page of the notice it leads to. */
async function searches(db: BenchDatabase, { headers, csrf }: SignedIn) {
  const samples = await db.query<SearchSample & Record<string, string>>(
    `SELECT n.id, n.tracking_number AS tracking, n.reference, e.national_id AS "nationalId",
            '0' || substr(e.mobile, 4) AS mobile, t.provider_message_id AS message
       FROM attempts t JOIN alerts a ON a.id = t.alert_id JOIN notices n ON n.id = a.notice_id
       JOIN employers e ON e.id = n.employer_id
      WHERE t.alert_id % 997 = 0 LIMIT 500`,
  );
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

/** How much of one processor PostgreSQL takes, in per cent. */
async function postgresCpuPercent(env: Environment, seconds: number): Promise<number> {
  const { postgres: before = 0 } = env.cpu();
  await delay(seconds * 1_000);
  const { postgres: after = 0 } = env.cpu();
  return (100 * (after - before)) / seconds;
}

/** Opens the page's stream in as many browsers. @returns what closes them, and tells how many readings came */
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

/** Milliseconds of one reading, as long as a page is open. */
async function timeOverview(db: BenchDatabase): Promise<number> {
  const runs: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    await createOverviewReader(db).read();
    runs.push(performance.now() - began);
  }
  return mean(runs);
}

/** Milliseconds of one round of measuring, as one process does it for all. */
async function timeMeasuring(db: BenchDatabase, redisUrl: string): Promise<number> {
  const log = createLog('bench', 'silent');
  const backend = createRedisQueueBackend(redisUrl, log);
  await backend.warmUp(QUEUE_NAMES);
  const { databaseMs } = await observe({ db, backend, log, lowCreditRials: 0 });
  await backend.close();
  return databaseMs;
}
