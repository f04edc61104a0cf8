import type { Queryable } from '../platform/database';
import { type OutboxQueue, SEND_QUEUES } from '../platform/queues';

/** One of those an action will touch, for whoever decides about it. */
export interface SampledNotice {
  noticeId: string;
  trackingNumber: string;
}

export interface WaitingAlerts {
  count: number;
  /** The first few. */
  sample: SampledNotice[];
}

const SAMPLE_ROWS = 5;

/** What waits to be sent. */
export function createWaitingAlerts(db: Queryable) {
  return {
    /** What lies in these queues. */
    async inQueues(queues: OutboxQueue[]): Promise<WaitingAlerts> {
      const [row] = await db.query<{ count: number }>(
        'SELECT coalesce(sum(cardinality(subject_ids)), 0)::int AS count FROM outbox WHERE queue = ANY($1)',
        [queues],
      );
      const sample = await db.query<SampledNotice & Record<string, unknown>>(
        `SELECT n.id AS "noticeId", n.tracking_number AS "trackingNumber"
           FROM (SELECT subject_ids[1] AS alert_id FROM outbox WHERE queue = ANY($1) LIMIT ${SAMPLE_ROWS}) o
           JOIN alerts a ON a.id = o.alert_id JOIN notices n ON n.id = a.notice_id`,
        [queues],
      );
      return { count: row?.count ?? 0, sample };
    },

    /** The alerts of one source system that were not sent yet, and the id of the last of them. */
    async ofSource(sourceId: number): Promise<WaitingAlerts & { last: string | null }> {
      const [row] = await db.query<{ count: number; last: string | null; first: string[] | null }>(
        `SELECT count(*)::int AS count, max(a.id) AS last,
                (array_agg(a.notice_id ORDER BY a.id))[1:${SAMPLE_ROWS}] AS first
           FROM outbox o CROSS JOIN unnest(o.subject_ids) subject JOIN alerts a ON a.id = subject
          WHERE o.queue = ANY($2) AND a.source_id = $1 AND a.state = 'queued'`,
        [sourceId, SEND_QUEUES],
      );
      const sample = await db.query<SampledNotice & Record<string, unknown>>(
        `SELECT id AS "noticeId", tracking_number AS "trackingNumber" FROM notices WHERE id = ANY($1::uuid[])
          ORDER BY id`,
        [row?.first ?? []],
      );
      return { count: row?.count ?? 0, last: row?.last ?? null, sample };
    },

    /** @returns null when there is no source system of this code */
    async findSource(code: string): Promise<{ id: number; title: string } | null> {
      const [row] = await db.query<{ id: number; title: string }>(
        'SELECT id, title FROM source_systems WHERE code = $1',
        [code],
      );
      return row ?? null;
    },
  };
}
