import type { Queryable } from '../platform/database';
import { type OutboxQueue, SEND_QUEUES } from '../platform/queues';
import { statement } from '../platform/statement';

/** A notice an action will affect, as an example for the operator. */
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

const COUNT_QUEUED_SUBJECTS = statement<{ count: number }>(
  'count-queued-subjects',
  `SELECT coalesce(sum(cardinality(subject_ids)), 0)::int AS count FROM outbox WHERE queue = ANY(:queues::text[])`,
  { count: 'int4' },
);

const SAMPLE_QUEUED_NOTICES = statement<SampledNotice>(
  'sample-queued-notices',
  `SELECT n.id AS "noticeId", n.tracking_number AS "trackingNumber"
     FROM (SELECT subject_ids[1] AS alert_id FROM outbox WHERE queue = ANY(:queues::text[]) LIMIT ${SAMPLE_ROWS}) o
     JOIN alerts a ON a.id = o.alert_id JOIN notices n ON n.id = a.notice_id`,
  { noticeId: 'uuid', trackingNumber: 'int8' },
);

const COUNT_QUEUED_ALERTS_OF_SOURCE = statement<{
  count: number;
  last: string | null;
  noticeIds: string[] | null;
}>(
  'count-queued-alerts-of-source',
  `SELECT count(*)::int AS count, max(a.id) AS last,
          (array_agg(a.notice_id ORDER BY a.id))[1:${SAMPLE_ROWS}] AS "noticeIds"
     FROM outbox o CROSS JOIN unnest(o.subject_ids) subject JOIN alerts a ON a.id = subject
    WHERE o.queue = ANY(:queues::text[]) AND a.source_id = :sourceId AND a.state = 'queued'`,
  { count: 'int4', last: 'int8?', noticeIds: 'uuid[]?' },
);

const READ_SAMPLED_NOTICES = statement<SampledNotice>(
  'read-sampled-notices',
  `SELECT id AS "noticeId", tracking_number AS "trackingNumber" FROM notices WHERE id = ANY(:ids::uuid[])
    ORDER BY id`,
  { noticeId: 'uuid', trackingNumber: 'int8' },
);

const FIND_SOURCE_BY_CODE = statement<{ id: number; title: string }>(
  'find-source-by-code',
  'SELECT id, title FROM source_systems WHERE code = :code',
  { id: 'int4', title: 'text' },
);

/** Counts the alerts that wait to be sent. */
export function createWaitingAlerts(db: Queryable) {
  return {
    async inQueues(queues: OutboxQueue[]): Promise<WaitingAlerts> {
      const [row] = await db.query(COUNT_QUEUED_SUBJECTS, { queues });
      const sample = await db.query(SAMPLE_QUEUED_NOTICES, { queues });
      return { count: row?.count ?? 0, sample };
    },

    /** Counts the queued alerts of one source system. `last` is the highest id among them; null when there are none. */
    async ofSource(sourceId: number): Promise<WaitingAlerts & { last: string | null }> {
      const [row] = await db.query(COUNT_QUEUED_ALERTS_OF_SOURCE, { queues: SEND_QUEUES, sourceId });
      const sample = await db.query(READ_SAMPLED_NOTICES, { ids: row?.noticeIds ?? [] });
      return { count: row?.count ?? 0, last: row?.last ?? null, sample };
    },

    /** @returns null when there is no source system of this code */
    async findSource(code: string): Promise<{ id: number; title: string } | null> {
      const [source] = await db.query(FIND_SOURCE_BY_CODE, { code });
      return source ?? null;
    },
  };
}
