import { isLegacy } from '../notices/legacy-portal';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { isUuid } from '../text/uuid';
import { UNVIEWED_SQL } from './inbox-filter';
import { type InboxPage, type InboxQuery, listNotices } from './list-notices';
import { type OwnerNoticeView, readOwnerNoticeView } from './owner-notice-view';
import {
  LATEST_PERMIT_COLUMNS,
  type LatestPermitRow,
  latestPermitSql,
  type PermitOnNotice,
  toPermitOnNotice,
} from './permit-on-notice';

export interface InboxWorkshop {
  code: string;
  name: string;
  /** Whether a service agreement is signed; without one no notice of the workshop is served here. */
  hasAgreement: boolean;
}

/** A notice that its owner may share by a permit: its content is in this system. */
export interface ShareableNotice {
  id: string;
  permit: PermitOnNotice | null;
  /** Whether the owner revoked the latest permit. */
  revoked: boolean;
}

/** The inbox of an employer. No verb reveals anything about another employer's notices. */
export function createInbox(db: Queryable) {
  return {
    /** Reads one page of the list, newest first. */
    list: (employerId: string, query: InboxQuery = {}): Promise<InboxPage> =>
      listNotices(db, employerId, query),

    /** Counts the notices that wait to be viewed, without those of the legacy portal. */
    async unviewedCount(employerId: string): Promise<number> {
      const [row] = await db.query(COUNT_UNVIEWED, { employerId });
      return row?.count ?? 0;
    },

    /** Lists the employer's workshops by code, also those without a service agreement. */
    workshops: (employerId: string): Promise<InboxWorkshop[]> => db.query(LIST_WORKSHOPS, { employerId }),

    /**
     * Locates the content of a notice: in this system, or in the legacy portal. Returns null when the employer has no
     * notice of this id.
     */
    async locateContent(noticeId: string, employerId: string): Promise<'here' | 'legacy portal' | null> {
      if (!isUuid(noticeId)) return null;
      const [notice] = await db.query(READ_REGISTRATION, { noticeId, employerId });
      if (!notice) return null;
      return isLegacy(notice.registeredAt) ? 'legacy portal' : 'here';
    },

    /**
     * Reads a notice as its owner sees it, or null when the employer has no notice of this id. Reading records no view: a caller
     * that shows the notice must record the view first.
     */
    read: (noticeId: string, employerId: string): Promise<OwnerNoticeView | null> =>
      readOwnerNoticeView(db, noticeId, employerId),

    /** Reads the permit of a notice. Returns null when the employer has no such notice, or its content is in the legacy portal. */
    async readShareable(noticeId: string, employerId: string): Promise<ShareableNotice | null> {
      if (!isUuid(noticeId)) return null;
      const [row] = await db.query(READ_SHAREABLE, { noticeId, employerId });
      if (!row || isLegacy(row.registeredAt)) return null;
      return { id: row.id, permit: toPermitOnNotice(row), revoked: row.permitState === 'revoked' };
    },
  };
}

const COUNT_UNVIEWED = statement<{ count: number }>(
  'count-unviewed-notices',
  `SELECT count(*)::int AS count FROM notices n WHERE n.employer_id = :employerId AND ${UNVIEWED_SQL}`,
  { count: 'int4' },
);

const LIST_WORKSHOPS = statement<InboxWorkshop>(
  'list-workshops',
  `SELECT code, name, agreement_signed_at IS NOT NULL AS "hasAgreement"
     FROM workshops WHERE employer_id = :employerId ORDER BY code`,
  { code: 'text', name: 'text', hasAgreement: 'bool' },
);

const READ_REGISTRATION = statement<{ registeredAt: Date }>(
  'read-notice-registration',
  'SELECT registered_at AS "registeredAt" FROM notices WHERE id = :noticeId AND employer_id = :employerId',
  { registeredAt: 'timestamptz' },
);

const READ_SHAREABLE = statement<LatestPermitRow & { id: string; registeredAt: Date }>(
  'read-shareable-notice',
  `SELECT n.id, n.registered_at AS "registeredAt", p.*
     FROM notices n LEFT JOIN LATERAL (${latestPermitSql('n.id')}) p ON true
    WHERE n.id = :noticeId AND n.employer_id = :employerId`,
  { id: 'uuid', registeredAt: 'timestamptz', ...LATEST_PERMIT_COLUMNS },
);
