import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { enqueueSql } from '../core/platform/outbox';
import { statement } from '../core/platform/statement';
import { microsecondsPerItem } from './cpu-time';
import type { BenchDatabase, Environment } from './environment';
import { type BenchResult, compareToLimit, describeCpu } from './figures';
import { acceptMany, populate } from './population';
import { startWorkers } from './system';

/** Time between writing the permits and their end, so that the relay can publish their work before. */
const EXPIRY_DELAY_SECONDS = 60;
const LIMIT_SECONDS = 30;
const EXPIRY_TIMEOUT_MS = 300_000;
const PERMITS_PER_STATEMENT = 5_000;
const HASH_BYTES = 32;
const CIPHER_BYTES = 38;

/** Measures the time until permits that all end in the same second are expired: permit, event and outbox row. */
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
        { what: `${count} permits that end in one second, tidied up`, value: seconds, unit: 's' },
        LIMIT_SECONDS,
      ),
    ],
    remarks: [describeCpu('permits', 'permit', microsecondsPerItem(before, after, count))],
  };
}

const CHOOSE_END = statement<{ at: Date }>(
  'bench-choose-end',
  `SELECT date_trunc('second', now()) + make_interval(secs => :seconds) AS at`,
  { at: 'timestamptz' },
);

const READ_NOTICE_IDS = statement<{ id: string }>('bench-read-notice-ids', 'SELECT id FROM notices', {
  id: 'uuid',
});

const ISSUE_PERMITS = statement(
  'bench-issue-permits',
  `WITH permit AS (
     INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
     SELECT n.id, n.source_id, n.employer_id, 'day', given.hash, given.cipher, :endsAt
       FROM unnest(:noticeIds::uuid[], :hashes::bytea[], :ciphers::bytea[]) given(id, hash, cipher)
       JOIN notices n ON n.id = given.id
     RETURNING id, expires_at)
   ${enqueueSql({ queue: `'permits'`, subjectIds: 'ARRAY[id]', runAt: 'expires_at', trace: 'NULL', from: 'permit' })}`,
  {},
);

/** Issues one permit for each notice, with its work. All have the same end. */
async function issuePermits(db: BenchDatabase): Promise<Date> {
  const [end] = await db.query(CHOOSE_END, { seconds: EXPIRY_DELAY_SECONDS });
  const endsAt = end?.at as Date;
  const notices = await db.query(READ_NOTICE_IDS);
  for (let from = 0; from < notices.length; from += PERMITS_PER_STATEMENT) {
    const noticeIds = notices.slice(from, from + PERMITS_PER_STATEMENT).map(({ id }) => id);
    const hashes = noticeIds.map(() => randomBytes(HASH_BYTES));
    const ciphers = noticeIds.map(() => randomBytes(CIPHER_BYTES));
    await db.query(ISSUE_PERMITS, { noticeIds, hashes, ciphers, endsAt });
  }
  return endsAt;
}

const ARE_PERMITS_LEFT = statement<{ left: boolean }>(
  'bench-are-permits-left',
  `SELECT EXISTS (SELECT 1 FROM permits WHERE state = 'active') OR
          EXISTS (SELECT 1 FROM outbox WHERE queue = 'permits') AS left`,
  { left: 'bool' },
);

async function waitUntilExpired(db: BenchDatabase): Promise<void> {
  const deadline = Date.now() + EXPIRY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const [permits] = await db.query(ARE_PERMITS_LEFT);
    if (!permits?.left) return;
    await delay(50);
  }
  throw new Error('the permits were not tidied up');
}

const COUNT_EXPIRED = statement<{ permits: number; events: number }>(
  'bench-count-expired',
  `SELECT (SELECT count(*) FROM permits WHERE state = 'expired')::int AS permits,
          (SELECT count(*) FROM events WHERE type = 'permit.expired')::int AS events`,
  { permits: 'int4', events: 'int4' },
);

async function assertAllEnded(db: BenchDatabase, count: number): Promise<void> {
  const [found] = await db.query(COUNT_EXPIRED);
  if (found?.permits !== count || found.events !== count)
    throw new Error(`of ${count} permits ${found?.permits} ended, with ${found?.events} events`);
}
