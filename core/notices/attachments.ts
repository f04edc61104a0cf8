import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** An attachment as every view of a notice shows it; its bytes are in the attachment store, under `id`. */
export interface NoticeAttachment {
  id: string;
  fileName: string;
  contentType: string;
  /** Bytes. */
  size: number;
  /** Hexadecimal. */
  sha256: string;
  /** The instant retention removed the bytes at; null while they are kept. */
  removedAt: Date | null;
}

const READ_ATTACHMENTS = statement<NoticeAttachment>(
  'read-attachments',
  `SELECT id, file_name AS "fileName", content_type AS "contentType", size, encode(sha256, 'hex') AS sha256,
          removed_at AS "removedAt"
     FROM attachments WHERE notice_id = :noticeId ORDER BY position`,
  {
    id: 'uuid',
    fileName: 'text',
    contentType: 'text',
    size: 'int4',
    sha256: 'text',
    removedAt: 'timestamptz?',
  },
);

/** Reads the attachments of a notice in the order in which they were sent. Whether the reader may see the notice is checked before. */
export const readAttachments = (db: Queryable, noticeId: string): Promise<NoticeAttachment[]> =>
  db.query(READ_ATTACHMENTS, { noticeId });
