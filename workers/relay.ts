import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createChannels } from '../core/channels/channels';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import { createOutbox, groupIntoJobs } from '../core/platform/outbox';
import type { QueueBackend } from '../core/platform/queue-backend';
import {
  LANES,
  OUTBOX_QUEUES,
  type OutboxQueue,
  queuePolicy,
  sendQueue,
  WORK_JOB,
} from '../core/platform/queues';

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
  /** Milliseconds between two looks at an idle outbox. */
  pollEvery?: number;
}

const EPOCH_CHECK_MS = 1_000;
const TROUBLE_WAIT_MS = 1_000;
/** The shortest time from one round to the next while little is due. */
const GATHER_MS = 25;
/** With this many subjects a round, the next one follows at once. */
const BUSY = 200;

/**
 * Carries due work from the outbox to BullMQ. Any number of relays may run side by side.
 *
 * Rows are published inside the transaction that claims them: a relay that dies leaves them pending, and a
 * crash between the two only publishes a set twice, which finds nothing to claim the second time.
 */
export function startRelay(deps: RelayDependencies): Relay {
  const { pollEvery = 50, log } = deps;
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
    const left = began + GATHER_MS - Date.now();
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
        if (published >= BUSY) continue;
        if (published === 0) await rest(pollEvery);
        await gather(began);
      } catch (error) {
        const { name, code } = error as Error & { code?: string };
        log.warn({ error: name, code }, 'relay is in trouble, nothing is lost');
        kicked = false;
        await rest(TROUBLE_WAIT_MS);
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
  const waiting = await createOutbox(db).queuesWithDueRows(await openQueues(db));
  if (waiting.length === 0) return 0;
  const room = new Map<OutboxQueue, number>();
  await Promise.all(
    waiting.map(async (queue) => {
      const { depth, setSize } = queuePolicy(queue);
      const counts = await backend.queue(queue).getJobCounts('wait', 'active', 'prioritized');
      const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
      if (jobs < depth) room.set(queue, (depth - jobs) * setSize);
    }),
  );
  if (room.size === 0) return 0;
  return db.transaction(async (trx) => {
    const rows = await createOutbox(trx).claimDue(room);
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
    await Promise.all([...room.keys()].map((queue) => backend.queue(queue).addBulk(jobsOf(queue))));
    return rows.reduce((sum, { size }) => sum + size, 0);
  });
}

/** Work of a shut channel stays in PostgreSQL until the channel opens. */
async function openQueues(db: Database): Promise<OutboxQueue[]> {
  const shut = await createChannels(db).shut();
  const held = new Set(shut.flatMap((channel) => LANES.map((lane) => sendQueue(channel, lane))));
  if (shut.includes('sms')) held.add('login-codes');
  return OUTBOX_QUEUES.filter((queue) => !held.has(queue));
}

/**
 * Notices that the queue backend lost its jobs: the mark kept beside them is gone or not ours. Everything
 * that was published becomes pending again under a new mark. One process does it; the others see the result.
 */
export async function guardEpoch({ db, backend, log }: RelayDependencies): Promise<void> {
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
    if (before === 'none') log.info('queue marked for the first time');
    else log.error({ republished }, 'the queue lost its jobs: everything that was published goes out again');
  });
}
