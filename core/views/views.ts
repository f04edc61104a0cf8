import type { Queryable } from '../platform/database';
import { isUuid } from '../text/uuid';

/** Who opened what. `actor` goes on the record: `employer`. */
interface View {
  noticeId: string;
  employerId: string;
  actor: string;
}

/** What is needed to send an attachment; the bytes lie in the attachment store under its id. */
export interface OpenedAttachment {
  noticeId: string;
  fileName: string;
  contentType: string;
  size: number;
}

/**
 * Views of notices by their owners. Each verb is one statement: on a pool it is committed when it returns, so
 * what it is about may then be shown. The time is that of PostgreSQL.
 */
export function createViews(db: Queryable) {
  return {
    /** Puts a view on the record, and leaves the first view to the worker. False when the notice is not the employer's. */
    async open({ noticeId, employerId, actor }: View): Promise<boolean> {
      if (!isUuid(noticeId)) return false;
      const rows = await db.query(
        `WITH notice AS (SELECT id, source_id FROM notices WHERE id = $1 AND employer_id = $2),
         viewed AS (INSERT INTO views (notice_id, actor) SELECT id, $3::text FROM notice RETURNING id),
         event AS (
           INSERT INTO events (source_id, type, notice_id, actor, data)
           SELECT source_id, 'notice.viewed', id, $3::text, '{}' FROM notice)
         INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
         SELECT 'views', ARRAY[id], now(), now() FROM viewed RETURNING 1`,
        [noticeId, employerId, actor],
      );
      return rows.length > 0;
    },

    /** Puts the opening of an attachment on the record. Null when it is not of a notice of the employer's. */
    async openAttachment({
      attachmentId,
      employerId,
      actor,
    }: Omit<View, 'noticeId'> & { attachmentId: string }): Promise<OpenedAttachment | null> {
      if (!isUuid(attachmentId)) return null;
      const [opened] = await db.query<OpenedAttachment & Record<string, unknown>>(
        `WITH file AS (
           SELECT f.*, n.source_id FROM attachments f JOIN notices n ON n.id = f.notice_id
            WHERE f.id = $1 AND n.employer_id = $2 AND f.removed_at IS NULL),
         event AS (
           INSERT INTO events (source_id, type, notice_id, actor, data)
           SELECT source_id, 'attachment.opened', notice_id, $3::text,
                  format('{"attachmentId":"%s","sha256":"%s"}', id, encode(sha256, 'hex'))::json FROM file)
         SELECT notice_id AS "noticeId", file_name AS "fileName", content_type AS "contentType", size FROM file`,
        [attachmentId, employerId, actor],
      );
      return opened ?? null;
    },

    /**
     * Does the due work of these outbox rows: the first view of a notice is the earliest there is of it, in
     * whatever order and however often views come.
     */
    async record(outboxIds: string[]): Promise<void> {
      await db.query(
        `WITH due AS (
           SELECT o.id AS outbox_id, v.notice_id, v.at FROM outbox o JOIN views v ON v.id = o.subject_ids[1]
            WHERE o.id = ANY($1::bigint[]) AND o.queue IS NOT DISTINCT FROM 'views'),
         earliest AS (SELECT notice_id, min(at) AS at FROM due GROUP BY notice_id),
         held AS (
           SELECT n.id, e.at FROM notices n JOIN earliest e ON e.notice_id = n.id
            WHERE n.first_viewed_at IS NULL OR n.first_viewed_at > e.at
            ORDER BY n.id FOR NO KEY UPDATE OF n),
         recorded AS (
           UPDATE notices n SET first_viewed_at = LEAST(n.first_viewed_at, held.at) FROM held WHERE n.id = held.id)
         DELETE FROM outbox o USING due WHERE o.id = due.outbox_id`,
        [outboxIds],
      );
    },
  };
}
