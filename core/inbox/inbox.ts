import { isLegacy } from '../notices/legacy-portal';
import type { Queryable } from '../platform/database';
import { isUuid } from '../text/uuid';
import { UNVIEWED_SQL } from './inbox-filter';
import { type InboxPage, type InboxQuery, listNotices } from './list-notices';
import { type OwnerNoticeView, readOwnerNoticeView } from './owner-notice-view';

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
        `SELECT count(*)::int AS count FROM notices n WHERE n.employer_id = $1 AND ${UNVIEWED_SQL}`,
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
     * Whether the content of a notice is here to be viewed, or kept by the previous portal; null when the
     * employer has no notice of this id.
     */
    async locateContent(noticeId: string, employerId: string): Promise<'here' | 'previous portal' | null> {
      if (!isUuid(noticeId)) return null;
      const [notice] = await db.query<{ registeredAt: Date }>(
        'SELECT registered_at AS "registeredAt" FROM notices WHERE id = $1 AND employer_id = $2',
        [noticeId, employerId],
      );
      if (!notice) return null;
      return isLegacy(notice.registeredAt) ? 'previous portal' : 'here';
    },

    /**
     * Everything the owner sees of one notice, or null when the employer has none of this id. Reading is not
     * viewing: whoever shows the notice records the view first.
     */
    read: (noticeId: string, employerId: string): Promise<OwnerNoticeView | null> =>
      readOwnerNoticeView(db, noticeId, employerId),
  };
}
