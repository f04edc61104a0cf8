import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createLines } from '../core/channels/lines';
import { createFindings } from '../core/monitoring/findings';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { Metrics } from '../core/platform/metrics';
import { createOutbox, groupIntoJobs } from '../core/platform/outbox';
import type { QueueBackend } from '../core/platform/queue-backend';
import { OUTBOX_QUEUES, type OutboxQueue, queuePolicy, SEND_QUEUES, WORK_JOB } from '../core/platform/queues';
import { inSpan } from '../core/platform/tracing';

export interface Relay {
  /** Looks at the outbox now. */
  kick(): void;
  /** Ends after the round it is in. */
  close(): Promise<void>;
}

export interface RelayDependencies {
  db: Database;
  backend: QueueBackend;
  log: Log;
  metrics?: Pick<Metrics, 'countEpochChange'>;
  /** Milliseconds between two looks at an idle outbox. */
  pollEveryMs?: number;
}

const EPOCH_CHECK_MS = 1_000;
const RETRY_AFTER_ERROR_MS = 1_000;
/** The shortest time from one round to the next while little is due. */
const MIN_ROUND_MS = 50;
/** Jobs that may wait where only so much can go at a time: what is left of them is published again. */
const RATE_LIMITED_DEPTH = 2;
/** With this many subjects a round, the next one follows at once. */
const BUSY_ROUND_SUBJECTS = 200;

/**
 * Carries due work from the outbox to BullMQ. Any number of relays may run side by side.
 *
 * Rows are published inside the transaction that claims them: a relay that dies leaves them pending, and a
 * crash between the two only publishes a set twice, which finds nothing to claim the second time.
 */
export function startRelay(deps: RelayDependencies): Relay {
  const { pollEveryMs = 50, log } = deps;
  let closing = false;
  let kicked = false;
  let wake: () => void = () => {};
  let lastEpochCheck = 0;

  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      if (kicked || closing) return resolve();
      const timer = globalThis.setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Rows that come one by one are worth waiting for: a job of ten costs little more than a job of one. */
  const gather = async (began: number) => {
    const left = began + MIN_ROUND_MS - Date.now();
    if (left > 0 && !closing) await setTimeout(left);
  };

  async function round(): Promise<number> {
    if (Date.now() - lastEpochCheck > EPOCH_CHECK_MS) {
      await guardEpoch(deps);
      lastEpochCheck = Date.now();
    }
    return publishDue(deps);
  }

  async function loop(): Promise<void> {
    await deps.backend.warmUp(OUTBOX_QUEUES);
    while (!closing) {
      kicked = false;
      const began = Date.now();
      try {
        const published = await round();
        if (published >= BUSY_ROUND_SUBJECTS) continue;
        if (published === 0) await rest(pollEveryMs);
        await gather(began);
      } catch (error) {
        const { name, code } = error as Error & { code?: string };
        log.warn({ error: name, code }, 'relay is in trouble, nothing is lost');
        kicked = false;
        await rest(RETRY_AFTER_ERROR_MS);
      }
    }
  }

  const ended = loop();
  return {
    kick() {
      kicked = true;
      wake();
    },
    async close() {
      closing = true;
      wake();
      await ended;
    },
  };
}

/** Publishes what is due and has room. Returns how many subjects that was about. */
async function publishDue({ db, backend }: RelayDependencies): Promise<number> {
  const open = await publishableQueues(db);
  const waiting = await createOutbox(db).queuesWithDueRows([...open.keys()]);
  if (waiting.length === 0) return 0;
  const isLimited = (queue: OutboxQueue) => Number.isFinite(open.get(queue));
  const room = new Map<OutboxQueue, number>();
  await Promise.all(
    waiting.map(async (queue) => {
      const { depth, setSize } = queuePolicy(queue);
      const counts = await backend.queue(queue).getJobCounts('wait', 'active', 'prioritized');
      const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const most = isLimited(queue) ? Math.min(depth, RATE_LIMITED_DEPTH) : depth;
      if (jobs < most) room.set(queue, (most - jobs) * setSize);
    }),
  );
  if (room.size === 0) return 0;
  return db.transaction(async (trx) => {
    const outbox = createOutbox(trx);
    const rows = await outbox.claimDue(room);
    if (rows.length === 0) return 0;
    const now = Date.now();
    const sets = groupIntoJobs(rows);
    const jobsOf = (wanted: OutboxQueue) =>
      sets
        .filter(({ queue }) => queue === wanted)
        .map(({ ids, dueIn }) => ({
          name: WORK_JOB,
          data: { ids },
          opts: { timestamp: now, delay: dueIn * 1000 },
        }));
    const origins = await outbox.origins(rows.map(({ id }) => id));
    const publish = () =>
      Promise.all([...room.keys()].map((queue) => backend.queue(queue).addBulk(jobsOf(queue))));
    await inSpan('publish', { 'ablagh.jobs': sets.length }, publish, { kind: 'producer', origins });
    // Where only so much can go at a time, the next round need not come at once.
    return rows.reduce((sum, { queue, size }) => sum + (isLimited(queue) ? 1 : size), 0);
  });
}

/**
 * The queues that may be published to, and how many subjects each can get rid of now. Work of a channel without
 * a usable line, of a paused lane, and what is beyond the rate of its lines, stays in PostgreSQL.
 */
async function publishableQueues(db: Database): Promise<Map<OutboxQueue, number>> {
  const openings = await createLines(db).availableCapacity();
  const room = (queue: OutboxQueue) =>
    QUEUES_NEEDING_A_LINE.has(queue) ? (openings.get(queue) ?? 0) : Number.POSITIVE_INFINITY;
  return new Map(OUTBOX_QUEUES.map((queue) => [queue, room(queue)] as const).filter(([, free]) => free > 0));
}

const QUEUES_NEEDING_A_LINE = new Set<OutboxQueue>([...SEND_QUEUES, 'login-codes']);

/**
 * Notices that the queue backend lost its jobs: the mark kept beside them is gone or not ours. Everything
 * that was published becomes pending again under a new mark. One process does it; the others see the result.
 */
export async function guardEpoch({ db, backend, log, metrics }: RelayDependencies): Promise<void> {
  const [known] = await db.query<{ epoch: string }>('SELECT epoch FROM queue_epoch');
  if (known && (await backend.readEpoch(known.epoch)) === known.epoch) return;
  await db.transaction(async (trx) => {
    await trx.query(`INSERT INTO queue_epoch (epoch) VALUES ('none') ON CONFLICT DO NOTHING`);
    const [held] = await trx.query<{ epoch: string }>('SELECT epoch FROM queue_epoch FOR UPDATE');
    const before = held?.epoch ?? 'none';
    if (before !== 'none' && (await backend.readEpoch(before)) === before) return;
    const epoch = randomUUID();
    const republished = await createOutbox(trx).republishAll();
    await trx.query('UPDATE queue_epoch SET epoch = $1', [epoch]);
    await backend.writeEpoch(epoch);
    if (before === 'none') return log.info('queue marked for the first time');
    await createFindings(trx).raise({ rule: 'epoch-changed', subject: 'queue', detail: `${republished}` });
    metrics?.countEpochChange();
    log.error({ republished }, 'the queue lost its jobs: everything that was published goes out again');
  });
}
