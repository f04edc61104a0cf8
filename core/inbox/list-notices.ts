import { isLegacy } from '../notices/legacy-portal';
import type { Queryable } from '../platform/database';
import {
  encodeCursor,
  filterConditions,
  type InboxFilter,
  type ListPosition,
  microsecondsSql,
  parseCursor,
  positionCondition,
} from './inbox-filter';
import {
  latestPermitSql,
  type PermitColumns,
  type PermitOnNotice,
  toPermitOnNotice,
} from './permit-on-notice';

export const PAGE_SIZE = 10;

/** A page of the list: its filter, and a cursor of an earlier page at which to go on. */
export interface InboxQuery extends InboxFilter {
  /** Go on with what is older than this. */
  after?: string;
  /** Go back to what is newer than this. */
  before?: string;
}

/** One notice as its line in the inbox tells of it. */
export interface InboxRow {
  id: string;
  trackingNumber: string;
  sourceTitle: string;
  subject: string;
  workshopCode: string;
  registeredAt: Date;
  /** The first alert that a provider took. */
  sentAt: Date | null;
  /** Whether an alert may still leave. */
  sending: boolean;
  /** Where the alerts go. */
  mobile: string | null;
  email: string | null;
  firstViewedAt: Date | null;
  permit: PermitOnNotice | null;
  /** Kept by the previous portal. */
  legacy: boolean;
}

export interface InboxPage {
  /** Newest first. */
  rows: InboxRow[];
  /** For `before`; absent on the first page. */
  newer?: string;
  /** For `after`; absent on the last page. */
  older?: string;
}

type ListedRow = Omit<InboxRow, 'permit' | 'legacy'> & PermitColumns & { micros: string };

/**
 * One page of an employer's inbox. What it costs does not grow with the number of pages before it, nor with
 * other employers' notices.
 */
export async function listNotices(db: Queryable, employerId: string, query: InboxQuery): Promise<InboxPage> {
  const before = parseCursor(query.before);
  if (!before) return olderPage(db, employerId, query, parseCursor(query.after));
  const rows = await fetchRows(db, employerId, query, before, 'newer');
  // Fewer than a page lie before it: that is the first page, and it is shown full.
  if (rows.length < PAGE_SIZE) return olderPage(db, employerId, query, null);
  const shown = rows.slice(0, PAGE_SIZE).reverse();
  return {
    rows: shown.map(toRow),
    ...(rows.length > PAGE_SIZE && { newer: encodeCursor(shown[0] as ListPosition) }),
    older: encodeCursor(shown.at(-1) as ListPosition),
  };
}

async function olderPage(db: Queryable, employerId: string, filter: InboxFilter, after: ListPosition | null) {
  const rows = await fetchRows(db, employerId, filter, after, 'older');
  const shown = rows.slice(0, PAGE_SIZE);
  return {
    rows: shown.map(toRow),
    ...(after && shown.length > 0 && { newer: encodeCursor(shown[0] as ListPosition) }),
    ...(rows.length > PAGE_SIZE && { older: encodeCursor(shown.at(-1) as ListPosition) }),
  };
}

/** Up to one row more than a page holds, the nearest to the place first. */
function fetchRows(
  db: Queryable,
  employerId: string,
  filter: InboxFilter,
  place: ListPosition | null,
  side: 'older' | 'newer',
): Promise<ListedRow[]> {
  const values: unknown[] = [employerId];
  const conditions = ['n.employer_id = $1', ...filterConditions(filter, values)];
  if (place) conditions.push(positionCondition(place, side, values));
  const direction = side === 'older' ? 'DESC' : 'ASC';
  return db.query<ListedRow>(
    `WITH page AS (
       SELECT n.id FROM notices n WHERE ${conditions.join(' AND ')}
        ORDER BY n.registered_at ${direction}, n.id ${direction} LIMIT ${PAGE_SIZE + 1})
     SELECT n.id, n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.subject,
            n.workshop_code AS "workshopCode", n.registered_at AS "registeredAt",
            ${microsecondsSql('n.registered_at')} AS micros, n.first_viewed_at AS "firstViewedAt",
            a."sentAt", coalesce(a.sending, false) AS sending, a.mobile, a.email, p.*
       FROM page JOIN notices n ON n.id = page.id
       JOIN source_systems s ON s.id = n.source_id
       LEFT JOIN LATERAL (
         SELECT min(sent_at) AS "sentAt", bool_or(state IN ('queued', 'sending', 'unknown')) AS sending,
                min(address) FILTER (WHERE channel = 'sms') AS mobile,
                min(address) FILTER (WHERE channel = 'email') AS email
           FROM alerts WHERE notice_id = n.id AND text IS NULL) a ON true
       LEFT JOIN LATERAL (${latestPermitSql('n.id')}) p ON true
      ORDER BY n.registered_at ${direction}, n.id ${direction}`,
    values,
  );
}

function toRow({ micros: _, permitState, permitEnds, permitCipher, ...row }: ListedRow): InboxRow {
  return {
    ...row,
    permit: toPermitOnNotice({ permitState, permitEnds, permitCipher }),
    legacy: isLegacy(row.registeredAt),
  };
}
