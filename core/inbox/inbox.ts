import type { Queryable } from '../platform/database';
import { UNVIEWED } from './inbox-filter';
import { type InboxPage, type InboxQuery, listNotices } from './list-notices';
import { type NoticeWindow, readWindow } from './notice-window';

export interface InboxWorkshop {
  code: string;
  name: string;
  /** Without one nothing is served for the workshop. */
  agreed: boolean;
}

/** What an employer sees of its own. No verb here tells anything of another employer's notices. */
export function createInbox(db: Queryable) {
  return {
    /** One page of the list, newest first. */
    list: (employerId: string, query: InboxQuery = {}): Promise<InboxPage> =>
      listNotices(db, employerId, query),

    /** How many notices wait to be viewed; those of the previous portal do not count. */
    async unviewedCount(employerId: string): Promise<number> {
      const [row] = await db.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM notices n WHERE n.employer_id = $1 AND ${UNVIEWED}`,
        [employerId],
      );
      return row?.count ?? 0;
    },

    /** The employer's workshops by code, those without a service agreement among them. */
    workshops: (employerId: string): Promise<InboxWorkshop[]> =>
      db.query<InboxWorkshop & Record<string, unknown>>(
        `SELECT code, name, agreement_signed_at IS NOT NULL AS agreed
           FROM workshops WHERE employer_id = $1 ORDER BY code`,
        [employerId],
      ),

    /**
     * Everything the owner sees of one notice, or null when the employer has none of this id. Reading is not
     * viewing: whoever shows the notice records the view first.
     */
    read: (noticeId: string, employerId: string): Promise<NoticeWindow | null> =>
      readWindow(db, noticeId, employerId),
  };
}
