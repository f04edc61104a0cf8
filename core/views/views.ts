import type { Queryable } from '../platform/database';
import { enqueueSql } from '../platform/outbox';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';
import { isUuid } from '../text/uuid';

/** A notice, the employer that must own it, and the `actor` to record: `employer`. */
interface View {
  noticeId: string;
  employerId: string;
  actor: string;
}

/** An attachment to send. Its bytes lie in the attachment store under its id. */
export interface OpenedAttachment {
  noticeId: string;
  fileName: string;
  contentType: string;
  size: number;
}

/**
 * Views of notices by their owners. Each verb is one statement: when it is called on a pool, it is committed when it returns, so
 * the content may then be shown. All times are PostgreSQL's.
 */
export function createViews(db: Queryable) {
  return {
    /**
     * Records a view, and queues the work that sets the first view of the notice. Returns false when the employer does not own
     * the notice.
     */
    async open({ noticeId, employerId, actor }: View): Promise<boolean> {
      if (!isUuid(noticeId)) return false;
      const rows = await db.query(OPEN_NOTICE, { noticeId, employerId, actor, trace: currentTraceParent() });
      return rows.length > 0;
    },

    /**
     * Records that an attachment was opened. Returns null when the employer does not own its notice, or the bytes were removed.
     */
    async openAttachment({
      attachmentId,
      employerId,
      actor,
    }: Omit<View, 'noticeId'> & { attachmentId: string }): Promise<OpenedAttachment | null> {
      if (!isUuid(attachmentId)) return null;
      const [opened] = await db.query(OPEN_ATTACHMENT, { attachmentId, employerId, actor });
      return opened ?? null;
    },

    /**
     * Sets the first view of the notices that these outbox rows are for, and completes the work. A notice keeps its earliest
     * view, in whatever order and however often views arrive.
     */
    async record(outboxIds: string[]): Promise<void> {
      await db.query(RECORD_FIRST_VIEWS, { outboxIds });
    },
  };
}

const OPEN_NOTICE = statement(
  'open-notice',
  `WITH notice AS (SELECT id, source_id FROM notices WHERE id = :noticeId AND employer_id = :employerId),
   viewed AS (INSERT INTO views (notice_id, actor) SELECT id, :actor::text FROM notice RETURNING id),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT source_id, 'notice.viewed', id, :actor::text, '{}' FROM notice)
   ${enqueueSql({ queue: "'views'", subjectIds: 'ARRAY[id]', from: 'viewed' })} RETURNING 1`,
  {},
);

const OPEN_ATTACHMENT = statement<OpenedAttachment>(
  'open-attachment',
  `WITH file AS (
     SELECT f.*, n.source_id FROM attachments f JOIN notices n ON n.id = f.notice_id
      WHERE f.id = :attachmentId AND n.employer_id = :employerId AND f.removed_at IS NULL),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT source_id, 'attachment.opened', notice_id, :actor::text,
            format('{"attachmentId":"%s","sha256":"%s"}', id, encode(sha256, 'hex'))::json FROM file)
   SELECT notice_id AS "noticeId", file_name AS "fileName", content_type AS "contentType", size FROM file`,
  { noticeId: 'uuid', fileName: 'text', contentType: 'text', size: 'int4' },
);

const RECORD_FIRST_VIEWS = statement(
  'record-first-views',
  `WITH due AS (
     SELECT o.id AS outbox_id, v.notice_id, v.at FROM outbox o JOIN views v ON v.id = o.subject_ids[1]
      WHERE o.id = ANY(:outboxIds::bigint[]) AND o.queue IS NOT DISTINCT FROM 'views'),
   earliest AS (SELECT notice_id, min(at) AS at FROM due GROUP BY notice_id),
   held AS (
     SELECT n.id, e.at FROM notices n JOIN earliest e ON e.notice_id = n.id
      WHERE n.first_viewed_at IS NULL OR n.first_viewed_at > e.at
      ORDER BY n.id FOR NO KEY UPDATE OF n),
   recorded AS (
     UPDATE notices n SET first_viewed_at = LEAST(n.first_viewed_at, held.at) FROM held WHERE n.id = held.id)
   DELETE FROM outbox o USING due WHERE o.id = due.outbox_id`,
  {},
);
