import { once } from 'node:events';
import http from 'node:http';
import { statement } from '../core/platform/statement';
import { microsecondsPerItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import { type BenchResult, compareToBaseline, describeCpu, rates } from './figures';
import { notice, populate, type Sender } from './population';
import { startApi } from './system';

const WARM_UP_NOTICES = 5_000;
const ROUNDS = 2;
/** Notices in one write of the client. */
const NOTICES_PER_WRITE = 200;

/** Measures the rate at which one streamed request is accepted, with two alerts per notice, beside bare inserts of the same rows. */
export async function benchIntake(env: Environment, count: number): Promise<BenchResult> {
  const ours: number[] = [];
  const bare: number[] = [];
  const remarks: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await env.redis.empty();
    const db = await env.openDatabase();
    const { seconds, remark } = await acceptBatch(env, db, count);
    ours.push(seconds);
    bare.push(await insertBare(env, db, remarks));
    remarks.push(remark);
    await db.close();
  }
  const value = rates('notices accepted, two alerts each', count, ours);
  return {
    figures: [compareToBaseline('intake', value, rates('bare inserts of the same rows', count, bare), 0.25)],
    remarks,
  };
}

async function acceptBatch(
  env: Environment,
  db: BenchDatabase,
  count: number,
): Promise<{ seconds: number; remark: string }> {
  const sender = await populate(db, ['mobile', 'email']);
  const api = await startApi(env, db);
  await sendBatch(api.url, sender, encodeBatch('warm', WARM_UP_NOTICES));
  const lines = encodeBatch('intake', count);
  const before = env.cpu();
  const began = performance.now();
  await sendBatch(api.url, sender, lines);
  const seconds = (performance.now() - began) / 1000;
  const after = env.cpu();
  await api.stop();
  await assertAllAccepted(db, WARM_UP_NOTICES + count);
  return { seconds, remark: describeCpu('intake', 'notice', microsecondsPerItem(before, after, count)) };
}

/** Encodes the notices before the clock runs, because the work of the sender is not part of the figure. */
function encodeBatch(prefix: string, count: number): Buffer[] {
  return Array.from({ length: Math.ceil(count / NOTICES_PER_WRITE) }, (_, write) => {
    const size = Math.min(NOTICES_PER_WRITE, count - write * NOTICES_PER_WRITE);
    const lines = Array.from({ length: size }, (_, i) =>
      JSON.stringify(notice(prefix, write * NOTICES_PER_WRITE + i)),
    );
    return Buffer.from(`${lines.join('\n')}\n`);
  });
}

/** Sends one streamed request, and waits for the end of its answer. */
async function sendBatch(url: string, { apiKey }: Sender, writes: Buffer[]): Promise<void> {
  const request = http.request(`${url}/v1/notices/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/x-ndjson' },
  });
  const answered = new Promise<void>((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response: http.IncomingMessage) => {
      if (response.statusCode !== 200) reject(new Error(`the batch was answered ${response.statusCode}`));
      response.resume();
      response.once('end', resolve);
      response.once('error', reject);
    });
  });
  for (const write of writes)
    if (!request.write(write)) await Promise.race([once(request, 'drain'), answered]);
  request.end();
  await answered;
}

const COUNT_ACCEPTED = statement<{ notices: number; alerts: number; work: number; events: number }>(
  'bench-count-accepted',
  `SELECT (SELECT count(*) FROM notices)::int AS notices, (SELECT count(*) FROM alerts)::int AS alerts,
          coalesce((SELECT sum(cardinality(subject_ids)) FROM outbox), 0)::int AS work,
          (SELECT count(*) FROM events)::int AS events`,
  { notices: 'int4', alerts: 'int4', work: 'int4', events: 'int4' },
);

/** Checks that everything was accepted: a rate is worth nothing when the work was not done. */
async function assertAllAccepted(db: BenchDatabase, count: number): Promise<void> {
  const [found] = await db.query(COUNT_ACCEPTED);
  const { notices, alerts, work, events } = found ?? {};
  if (notices !== count || alerts !== 2 * count || work !== 2 * count || events !== count)
    throw new Error(`of ${count} notices ${notices} were accepted, with ${alerts} alerts`);
}

const COUNT_NOTICES = statement<{ count: number }>(
  'bench-count-notices',
  'SELECT count(*)::int AS count FROM notices',
  { count: 'int4' },
);

async function insertBare(env: Environment, source: BenchDatabase, remarks: string[]): Promise<number> {
  const target = await env.openDatabase();
  await populate(target, ['mobile', 'email']);
  const [rows] = await source.query(COUNT_NOTICES);
  const bare = env.start('bare inserts', 'bench/bare-inserts.js', target, {
    SOURCE_URL: source.url,
    WARM_UP: String(WARM_UP_NOTICES),
  });
  await bare.nextMessage();
  const before = env.cpu();
  bare.send({ go: true });
  const { seconds } = await bare.nextMessage<{ seconds: number }>();
  remarks.push(
    describeCpu(
      'bare inserts',
      'notice',
      microsecondsPerItem(before, env.cpu(), (rows?.count ?? 0) - WARM_UP_NOTICES),
    ),
  );
  await bare.stop();
  await target.close();
  return seconds;
}
