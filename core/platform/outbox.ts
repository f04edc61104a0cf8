import type { Queryable } from './database';
import { OUTBOX_QUEUES, type OutboxQueue, queuePolicy } from './queues';
import { statement } from './statement';
import { isTracingEnabled, parseTraceParent, type TraceContext } from './tracing';

/** Time before which work is published to BullMQ, as a delayed job until it is due. Work due later waits in PostgreSQL only. */
export const RELAY_HORIZON = '15 minutes';
/**
 * Time after which a published row that still exists is published again: its job was lost, or its worker died. The lease is longer
 * than any call to a provider, so a living worker is never raced.
 */
export const RELAY_LEASE = '2 minutes';

/** An outbox row as the relay publishes it. */
export interface DueRow {
  id: string;
  queue: OutboxQueue;
  /** Seconds until the work is due; 0 when it is due already. */
  dueIn: number;
  /** Number of subjects the work is about. */
  size: number;
}

const CLAIM_DUE_WORK = statement<DueRow>(
  'claim-due-work',
  `WITH due AS MATERIALIZED (
     SELECT candidate.id
       FROM unnest(:queues::text[], :capacities::int[]) q(queue, capacity),
            LATERAL (SELECT id, sum(cardinality(subject_ids)) OVER (ORDER BY relay_at, id) AS total,
                            cardinality(subject_ids) AS size
                       FROM (SELECT id, relay_at, subject_ids FROM outbox
                              WHERE queue = q.queue AND relay_at <= now()
                              ORDER BY relay_at LIMIT q.capacity) oldest) candidate
      WHERE candidate.total <= q.capacity OR candidate.total = candidate.size),
   held AS MATERIALIZED (
     SELECT id FROM outbox WHERE id = ANY(ARRAY(SELECT id FROM due)) AND relay_at <= now()
        FOR UPDATE SKIP LOCKED)
   UPDATE outbox o SET relay_at = greatest(o.run_at, now()) + :lease::interval
    WHERE o.id = ANY(ARRAY(SELECT id FROM held))
    RETURNING o.id, o.queue, greatest(0, ceil(date_part('epoch', o.run_at - now()))) AS "dueIn",
              cardinality(o.subject_ids) AS size`,
  { id: 'int8', queue: 'text', dueIn: 'float8', size: 'int4' },
);

const FIND_QUEUES_WITH_DUE_WORK = statement<{ queue: OutboxQueue }>(
  'find-queues-with-due-work',
  `SELECT queue FROM unnest(:queues::text[]) AS q(queue)
    WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.queue = q.queue AND o.relay_at <= now())`,
  { queue: 'text' },
);

const REPUBLISH_WORK = statement(
  'republish-work',
  `UPDATE outbox SET relay_at = run_at - :horizon::interval
    WHERE relay_at > greatest(run_at - :horizon::interval, now()) RETURNING 1`,
  {},
);

const RETRY_WORK_LATER = statement(
  'retry-work-later',
  `UPDATE outbox SET relay_at = greatest(now() + make_interval(secs => :seconds), run_at - :horizon::interval)
    WHERE id = ANY(:ids::bigint[])`,
  {},
);

const REQUEUE_WORK_FIRST = statement(
  'requeue-work-first',
  'UPDATE outbox SET relay_at = least(run_at, now()) WHERE id = ANY(:ids::bigint[])',
  {},
);

const REMOVE_WORK = statement(
  'remove-work',
  'DELETE FROM outbox WHERE id = ANY(:ids::bigint[]) AND queue IS NOT DISTINCT FROM :queue',
  {},
);

const READ_WORK_ORIGINS = statement<{ trace: string | null }>(
  'read-work-origins',
  `SELECT trace FROM outbox WHERE id = ANY(:ids::bigint[]) AND trace IS NOT NULL
    GROUP BY trace ORDER BY min(id) LIMIT 100`,
  { trace: 'text?' },
);

/** Work that is due now, by queue. */
export interface QueueLag {
  queue: OutboxQueue;
  /** Number of subjects. */
  due: number;
  /** Age in seconds of the oldest due row. */
  oldestSeconds: number;
}

const MEASURE_WORK_LAG = statement<QueueLag>(
  'measure-work-lag',
  `SELECT queue, sum(cardinality(subject_ids))::int AS due,
          greatest(0, extract(epoch FROM now() - min(run_at)))::float8 AS "oldestSeconds"
     FROM outbox WHERE queue = ANY(:queues) AND relay_at <= now() + :horizon::interval AND run_at <= now()
    GROUP BY queue`,
  { queue: 'text', due: 'int4', oldestSeconds: 'float8' },
);

/**
 * Reads and moves the outbox. A row is work that is due for a set of subjects. The row exists until the effect of the work is
 * committed, and the transaction of the effect removes it. Nothing else decides whether work is left.
 *
 * `relay_at` is the instant at which the relay should next look at the row, and all the state there is: a row is pending once
 * `relay_at` has come, and published while `relay_at` lies ahead.
 */
export function createOutbox(db: Queryable) {
  return {
    /**
     * Claims pending rows, the oldest first, and puts their `relay_at` ahead by the lease. Rows that another relay holds are
     * skipped. Call it in a transaction that commits once the rows are published.
     *
     * @param capacity the most subjects to claim, by queue; a single row may have more
     */
    claimDue: (capacity: Map<OutboxQueue, number>): Promise<DueRow[]> =>
      db.query(CLAIM_DUE_WORK, {
        queues: [...capacity.keys()],
        capacities: [...capacity.values()],
        lease: RELAY_LEASE,
      }),

    /** Returns those of the given queues that have pending rows. The query is cheap enough for constant polling. */
    async queuesWithDueRows(queues: OutboxQueue[]): Promise<OutboxQueue[]> {
      const rows = await db.query(FIND_QUEUES_WITH_DUE_WORK, { queues });
      return rows.map(({ queue }) => queue);
    },

    /**
     * Makes every published row pending again, because the jobs that stood for the rows are gone.
     *
     * @returns the number of rows
     */
    async republishAll(): Promise<number> {
      const rows = await db.query(REPUBLISH_WORK, { horizon: RELAY_HORIZON });
      return rows.length;
    },

    /**
     * Makes rows pending again after `seconds`, because they cannot be worked on now. A row that was put off further
     * meanwhile stays put off.
     */
    async retryLater(ids: string[], seconds = 0): Promise<void> {
      await db.query(RETRY_WORK_LATER, { ids, seconds, horizon: RELAY_HORIZON });
    },

    /** Makes rows pending again at their old place in the queue: the relay claims them before all rows that came later. */
    async requeueFirst(ids: string[]): Promise<void> {
      await db.query(REQUEUE_WORK_FIRST, { ids });
    },

    /** Removes finished work of this queue. A row that has moved on to another queue stays: its work is not finished. */
    async remove(queue: OutboxQueue, ids: string[]): Promise<void> {
      if (ids.length === 0) return;
      await db.query(REMOVE_WORK, { ids, queue });
    },

    /** Returns the recorded traces the work came from, the oldest first. Without tracing it asks nothing of PostgreSQL. */
    async origins(ids: string[]): Promise<TraceContext[]> {
      if (!isTracingEnabled()) return [];
      const rows = await db.query(READ_WORK_ORIGINS, { ids });
      return rows.flatMap(({ trace }) => (trace ? [parseTraceParent(trace)] : []));
    },

    /**
     * Measures the due work of each queue, for gauges. The relay looks at due work again soon, so the condition on `relay_at`
     * lets the index skip everything that is far off, such as permits that end in years.
     */
    lag: (): Promise<QueueLag[]> =>
      db.query(MEASURE_WORK_LAG, { queues: OUTBOX_QUEUES, horizon: RELAY_HORIZON }),
  };
}

/** A job to publish: rows of one queue that are due in the same second. */
export interface PlannedJob {
  queue: OutboxQueue;
  /** Seconds until the rows are due. */
  dueIn: number;
  /** Ids of the outbox rows. */
  ids: string[];
  /** Number of subjects; at most the set size of the queue, unless a single row has more. */
  size: number;
}

/** Groups rows into jobs. A row is never split. */
export function groupIntoJobs(rows: DueRow[]): PlannedJob[] {
  const open = new Map<string, PlannedJob>();
  const jobs: PlannedJob[] = [];
  for (const { id, queue, dueIn, size } of rows) {
    const key = `${queue} ${dueIn}`;
    let job = open.get(key);
    if (!job || job.size + size > queuePolicy(queue).setSize) {
      job = { queue, dueIn, ids: [], size: 0 };
      open.set(key, job);
      jobs.push(job);
    }
    job.ids.push(id);
    job.size += size;
  }
  return jobs;
}

/** New work, each field an SQL expression over the rows of `from`. */
export interface NewWorkSql {
  queue: string;
  /** An array of ids. */
  subjectIds: string;
  /** The instant the work is due at, by default now. */
  runAt?: string;
  /** The instant the relay first looks at the work; by default as soon as it is due, or near enough to be a delayed job. */
  relayAt?: string;
  /** The trace the work belongs to, by default the one bound as `:trace`. */
  trace?: string;
  /** The rest of the SELECT: where the rows come from, and how they are grouped. */
  from: string;
}

/**
 * Gives the SQL that adds work to the outbox, as a statement or as one part of a WITH. Unless `trace` says otherwise, the statement
 * binds `trace` to `currentTraceParent()`: a trace would end here without it.
 */
export const enqueueSql = ({
  queue,
  subjectIds,
  runAt,
  relayAt,
  trace = ':trace::text',
  from,
}: NewWorkSql): string =>
  `INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
   SELECT ${queue}, ${subjectIds}, ${runAt ?? 'now()'}, ${relayAt ?? (runAt ? relayAtSql(runAt) : 'now()')}, ${trace} FROM ${from}`;

/** Gives the SQL of the instant at which the relay first looks at work that is due at `runAt`, an SQL expression. */
export const relayAtSql = (runAt: string): string => `(${runAt} - interval '${RELAY_HORIZON}')`;

/**
 * Gives the SQL of further parts of a WITH that take subjects out of their work, whose effect the same statement commits. A row
 * that is left without subjects is deleted.
 *
 * @param done the name of an earlier part, with the columns `outbox_id` and `subject_id`
 */
export const completeWorkSql = (done: string): string => `
  finished AS (SELECT outbox_id, array_agg(subject_id) AS ids FROM ${done} GROUP BY outbox_id),
  emptied AS (
    DELETE FROM outbox o USING finished f WHERE o.id = f.outbox_id AND o.subject_ids <@ f.ids),
  reduced AS (
    UPDATE outbox o SET subject_ids = ARRAY(SELECT unnest(o.subject_ids) EXCEPT SELECT unnest(f.ids))
      FROM finished f WHERE o.id = f.outbox_id AND NOT o.subject_ids <@ f.ids)`;
