import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { microsecondsPerItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import { type BenchResult, compareToLimit, describeCpu } from './figures';
import { acceptMany, populate } from './population';
import { startWorkers } from './system';

/** Seconds between the writing of the permits and their end: time to publish what is due soon. */
const EXPIRY_DELAY_SECONDS = 60;
const LIMIT_SECONDS = 30;
const EXPIRY_TIMEOUT_MS = 300_000;
const PERMITS_PER_STATEMENT = 5_000;

/** How long it takes until permits that all end in the same second are tidied up: permit, event and due work. */
export async function benchPermits(env: Environment, count = 100_000): Promise<BenchResult> {
  await env.redis.empty();
  const db = await env.openDatabase();
  const sender = await populate(db, []);
  await acceptMany(db, sender, 'permits', count);
  await db.checkpoint();
  const endsAt = await issuePermits(db);
  const workers = await startWorkers(env, db, {});
  await delay(Math.max(0, endsAt.getTime() - Date.now() - 1_000));
  const before = env.cpu();
  await waitUntilExpired(db);
  const seconds = (Date.now() - endsAt.getTime()) / 1000;
  const after = env.cpu();
  await workers.stop();
  await assertAllEnded(db, count);
  await db.close();
  return {
    figures: [
      compareToLimit(
        'permits',
        `${count} permits that end in one second, tidied up`,
        seconds,
        's',
        LIMIT_SECONDS,
      ),
    ],
    remarks: [describeCpu('permits', 'permit', microsecondsPerItem(before, after, count))],
  };
}

/** One permit for each notice, with its work, all with the same end. */
async function issuePermits(db: BenchDatabase): Promise<Date> {
  const [end] = await db.query<{ at: Date }>(
    `SELECT date_trunc('second', now()) + make_interval(secs => $1) AS at`,
    [EXPIRY_DELAY_SECONDS],
  );
  const endsAt = end?.at as Date;
  const notices = await db.query<{ id: string }>('SELECT id FROM notices');
  for (let from = 0; from < notices.length; from += PERMITS_PER_STATEMENT) {
    const ids = notices.slice(from, from + PERMITS_PER_STATEMENT).map(({ id }) => id);
    await db.query(
      `WITH permit AS (
         INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
         SELECT n.id, n.source_id, n.employer_id, 'day', given.hash, given.cipher, $4
           FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) given(id, hash, cipher) JOIN notices n ON n.id = given.id
         RETURNING id, expires_at)
       INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
       SELECT 'permits', ARRAY[id], expires_at, expires_at - interval '15 minutes' FROM permit`,
      [ids, ids.map(() => randomBytes(32)), ids.map(() => randomBytes(38)), endsAt],
    );
  }
  return endsAt;
}

async function waitUntilExpired(db: BenchDatabase): Promise<void> {
  const deadline = Date.now() + EXPIRY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const [left] = await db.query<{ any: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM permits WHERE state = 'active') OR
              EXISTS (SELECT 1 FROM outbox WHERE queue = 'permits') AS any`,
    );
    if (!left?.any) return;
    await delay(50);
  }
  throw new Error('the permits were not tidied up');
}

async function assertAllEnded(db: BenchDatabase, count: number): Promise<void> {
  const [found] = await db.query<{ permits: number; events: number }>(
    `SELECT (SELECT count(*) FROM permits WHERE state = 'expired')::int AS permits,
            (SELECT count(*) FROM events WHERE type = 'permit.expired')::int AS events`,
  );
  if (found?.permits !== count || found.events !== count)
    throw new Error(`of ${count} permits ${found?.permits} ended, with ${found?.events} events`);
}
