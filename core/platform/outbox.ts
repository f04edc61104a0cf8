import type { Queryable } from './database';
import { OUTBOX_QUEUES, type OutboxQueue, queuePolicy } from './queues';
import { isTracingEnabled, parseTraceParent, type TraceContext } from './tracing';

/**
 * Work due later than this waits in PostgreSQL only; nearer work goes to BullMQ, as a delayed job if it is
 * not due yet.
 */
export const RELAY_HORIZON = '15 minutes';
/**
 * A row published this long ago and still here was lost on the way, or its worker died: it is published
 * again. Longer than any provider call, so that a living worker is never raced.
 */
export const RELAY_LEASE = '2 minutes';

/** An outbox row as the relay publishes it. */
export interface DueRow {
  id: string;
  queue: OutboxQueue;
  /** Seconds until it is due; 0 when it is. */
  dueIn: number;
  /** How many subjects the work is about. */
  size: number;
}

/**
 * The outbox: a row is work that is due for a set of subjects, and exists until its effect is committed; the
 * effect's transaction removes it. Nothing else decides whether work is left.
 *
 * `relay_at` is when the relay should next look at the row. It is all the state there is: a row is pending
 * when `relay_at` has come, and published while it lies ahead.
 */
export function createOutbox(db: Queryable) {
  return {
    /**
     * Takes rows whose `relay_at` has come, the oldest first, with at most `room` subjects per queue (a single
     * row may have more), and puts their `relay_at` ahead by the lease. Rows another relay holds are passed
     * over. To be called in a transaction that commits once the rows are published.
     */
    async claimDue(room: Map<OutboxQueue, number>): Promise<DueRow[]> {
      return db.query<DueRow & Record<string, unknown>>(
        `WITH due AS MATERIALIZED (
           SELECT first.id
             FROM unnest($1::text[], $2::int[]) q(queue, room),
                  LATERAL (SELECT id, sum(cardinality(subject_ids)) OVER (ORDER BY relay_at, id) AS total,
                                  cardinality(subject_ids) AS size
                             FROM (SELECT id, relay_at, subject_ids FROM outbox
                                    WHERE queue = q.queue AND relay_at <= now()
                                    ORDER BY relay_at LIMIT q.room) oldest) first
            WHERE first.total <= q.room OR first.total = first.size),
         held AS MATERIALIZED (
           SELECT id FROM outbox WHERE id = ANY(ARRAY(SELECT id FROM due)) AND relay_at <= now()
              FOR UPDATE SKIP LOCKED)
         UPDATE outbox o SET relay_at = greatest(o.run_at, now()) + $3::interval
          WHERE o.id = ANY(ARRAY(SELECT id FROM held))
          RETURNING o.id, o.queue, greatest(0, ceil(date_part('epoch', o.run_at - now()))) AS "dueIn",
                    cardinality(o.subject_ids) AS size`,
        [[...room.keys()], [...room.values()], RELAY_LEASE],
      );
    },

    /** Which of these queues have rows whose `relay_at` has come. Cheap enough to ask all the time. */
    async queuesWithDueRows(queues: OutboxQueue[]): Promise<OutboxQueue[]> {
      const rows = await db.query<{ queue: OutboxQueue }>(
        `SELECT queue FROM unnest($1::text[]) AS q(queue)
          WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.queue = q.queue AND o.relay_at <= now())`,
        [queues],
      );
      return rows.map(({ queue }) => queue);
    },

    /** Makes every published row pending again: the jobs that stood for them are gone. Returns how many. */
    async republishAll(): Promise<number> {
      const rows = await db.query(
        `UPDATE outbox SET relay_at = run_at - $1::interval
          WHERE relay_at > greatest(run_at - $1::interval, now()) RETURNING 1`,
        [RELAY_HORIZON],
      );
      return rows.length;
    },

    /**
     * Puts rows back that could not be worked on now; the relay sees them again after `seconds`. One that was
     * put off meanwhile stays put off.
     */
    async retryLater(ids: string[], seconds = 0): Promise<void> {
      await db.query(
        `UPDATE outbox SET relay_at = greatest(now() + make_interval(secs => $2), run_at - $3::interval)
          WHERE id = ANY($1::bigint[])`,
        [ids, seconds, RELAY_HORIZON],
      );
    },

    /** Puts rows back that are still next in turn: the relay sees them before all that came later. */
    async requeueFirst(ids: string[]): Promise<void> {
      await db.query('UPDATE outbox SET relay_at = least(run_at, now()) WHERE id = ANY($1::bigint[])', [ids]);
    },

    /** Removes work that is done, of this queue only: a row that has moved on is somebody else's. */
    async remove(queue: OutboxQueue, ids: string[]): Promise<void> {
      if (ids.length === 0) return;
      await db.query('DELETE FROM outbox WHERE id = ANY($1::bigint[]) AND queue IS NOT DISTINCT FROM $2', [
        ids,
        queue,
      ]);
    },

    /** Where this work came from, the oldest first, as far as that is recorded. Costs nothing unless somebody traces. */
    async origins(ids: string[]): Promise<TraceContext[]> {
      if (!isTracingEnabled()) return [];
      const rows = await db.query<{ trace: string }>(
        `SELECT trace FROM outbox WHERE id = ANY($1::bigint[]) AND trace IS NOT NULL
          GROUP BY trace ORDER BY min(id) LIMIT 100`,
        [ids],
      );
      return rows.map(({ trace }) => parseTraceParent(trace));
    },

    /**
     * For gauges: subjects with work due now, per queue, and the age in seconds of the oldest. What is due is
     * looked at again before long, so by `relay_at` the index keeps all that is far off, years of permits, out.
     */
    async lag(): Promise<{ queue: OutboxQueue; due: number; oldestSeconds: number }[]> {
      return db.query(
        `SELECT queue, sum(cardinality(subject_ids))::int AS due,
                greatest(0, extract(epoch FROM now() - min(run_at)))::float8 AS "oldestSeconds"
           FROM outbox WHERE queue = ANY($1) AND relay_at <= now() + $2::interval AND run_at <= now()
          GROUP BY queue`,
        [OUTBOX_QUEUES, RELAY_HORIZON],
      );
    },
  };
}

/** A job to be: rows of one queue that are due in the same second, with as many subjects as the queue takes. */
export interface PlannedJob {
  queue: OutboxQueue;
  dueIn: number;
  ids: string[];
  /** Subjects. */
  size: number;
}

/** Groups rows into jobs; a row is never cut. */
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
 * SQL, further parts of a WITH: takes subjects out of the work they were in, whose effect the statement
 * commits. A row that is left without any goes.
 *
 * @param done a part before, with the columns `outbox_id` and `subject_id`
 */
export const completeWorkSql = (done: string): string => `
  finished AS (SELECT outbox_id, array_agg(subject_id) AS ids FROM ${done} GROUP BY outbox_id),
  emptied AS (
    DELETE FROM outbox o USING finished f WHERE o.id = f.outbox_id AND o.subject_ids <@ f.ids),
  reduced AS (
    UPDATE outbox o SET subject_ids = ARRAY(SELECT unnest(o.subject_ids) EXCEPT SELECT unnest(f.ids))
      FROM finished f WHERE o.id = f.outbox_id AND NOT o.subject_ids <@ f.ids)`;
