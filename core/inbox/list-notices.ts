import type { AlertState } from '../alerts/states';
import { isLegacy } from '../notices/legacy-portal';
import type { Queryable } from '../platform/database';
import { type Columns, compose, queryBuilder } from '../platform/statement';
import {
  applyFilter,
  encodeCursor,
  type InboxFilter,
  type ListPosition,
  microsecondsSql,
  parseCursor,
  positionSql,
} from './inbox-filter';
import {
  LATEST_PERMIT_COLUMNS,
  type LatestPermitRow,
  latestPermitSql,
  type PermitOnNotice,
  toPermitOnNotice,
} from './permit-on-notice';

export const PAGE_SIZE = 10;

/** A filter, and the cursor of an earlier page at which the list goes on. */
export interface InboxQuery extends InboxFilter {
  /** The list goes on with notices older than this. */
  after?: string;
  /** The list goes back to notices newer than this. */
  before?: string;
}

/** One notice as a row of the inbox. */
export interface InboxRow {
  id: string;
  trackingNumber: string;
  sourceTitle: string;
  subject: string;
  workshopCode: string;
  registeredAt: Date;
  /** The instant the first alert was accepted by a provider. */
  sentAt: Date | null;
  /** Whether an alert may still be sent. */
  alertPending: boolean;
  /** The addresses the alerts are sent to. */
  mobile: string | null;
  email: string | null;
  firstViewedAt: Date | null;
  permit: PermitOnNotice | null;
  /** Whether the content is in the legacy portal. */
  legacy: boolean;
}

export interface InboxPage {
  /** Newest first. */
  rows: InboxRow[];
  /** The cursor for `before`; absent on the first page. */
  newer?: string;
  /** The cursor for `after`; absent on the last page. */
  older?: string;
}

type ListedRow = Omit<InboxRow, 'permit' | 'legacy'> & LatestPermitRow & { microseconds: string };

/**
 * Reads one page of an employer's inbox. The cost grows neither with the number of pages before it nor with other employers'
 * notices.
 */
export async function listNotices(db: Queryable, employerId: string, query: InboxQuery): Promise<InboxPage> {
  const before = parseCursor(query.before);
  if (!before) return olderPage(db, employerId, query, parseCursor(query.after));
  const rows = await db.query(...compose(pageQuery(employerId, query, before, 'newer'), LISTED_COLUMNS));
  // With less than a page before the position, the result is the first page: it is shown full.
  if (rows.length < PAGE_SIZE) return olderPage(db, employerId, query, null);
  const shown = rows.slice(0, PAGE_SIZE).reverse();
  return {
    rows: shown.map(toRow),
    ...(rows.length > PAGE_SIZE && { newer: encodeCursor(shown[0] as ListPosition) }),
    older: encodeCursor(shown.at(-1) as ListPosition),
  };
}

async function olderPage(db: Queryable, employerId: string, filter: InboxFilter, after: ListPosition | null) {
  const rows = await db.query(...compose(pageQuery(employerId, filter, after, 'older'), LISTED_COLUMNS));
  const shown = rows.slice(0, PAGE_SIZE);
  return {
    rows: shown.map(toRow),
    ...(after && shown.length > 0 && { newer: encodeCursor(shown[0] as ListPosition) }),
    ...(rows.length > PAGE_SIZE && { older: encodeCursor(shown.at(-1) as ListPosition) }),
  };
}

/** Builds the query of at most one row more than a page, the rows nearest to the position first. */
function pageQuery(
  employerId: string,
  filter: InboxFilter,
  position: ListPosition | null,
  side: 'older' | 'newer',
) {
  const order = side === 'older' ? 'desc' : 'asc';
  const nearestFirst = [
    { column: 'n.registered_at', order },
    { column: 'n.id', order },
  ];
  const page = queryBuilder('notices as n')
    .select('n.id')
    .where('n.employer_id', employerId)
    .modify(applyFilter, filter)
    .orderBy(nearestFirst)
    // A bound limit would hide from the planner how few rows are needed.
    .limit(PAGE_SIZE + 1, { skipBinding: true });
  if (position) page.whereRaw(positionSql(side, '?', '?'), [position.microseconds, position.id]);
  return queryBuilder
    .with('page', page)
    .from('page')
    .comment('list-notices')
    .select(queryBuilder.raw(LISTED_COLUMNS_SQL))
    .joinRaw(LISTED_JOINS_SQL)
    .orderBy(nearestFirst);
}

const LISTED_COLUMNS_SQL = `
  n.id, n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.subject,
  n.workshop_code AS "workshopCode", n.registered_at AS "registeredAt",
  ${microsecondsSql('n.registered_at')} AS microseconds, n.first_viewed_at AS "firstViewedAt",
  a."sentAt", coalesce(a.pending, false) AS "alertPending", a.mobile, a.email, p.*`;

/** The states from which an alert may still be sent. */
const PENDING_STATES = ['queued', 'sending', 'unknown'] as const satisfies AlertState[];
const PENDING_STATES_SQL = PENDING_STATES.map((state) => `'${state}'`).join(', ');

const LISTED_JOINS_SQL = `
  JOIN notices n ON n.id = page.id
  JOIN source_systems s ON s.id = n.source_id
  LEFT JOIN LATERAL (
    SELECT min(sent_at) AS "sentAt", bool_or(state IN (${PENDING_STATES_SQL})) AS pending,
           min(address) FILTER (WHERE channel = 'sms') AS mobile,
           min(address) FILTER (WHERE channel = 'email') AS email
      FROM alerts WHERE notice_id = n.id AND text IS NULL) a ON true
  LEFT JOIN LATERAL (${latestPermitSql('n.id')}) p ON true`;

const LISTED_COLUMNS: Columns<ListedRow> = {
  id: 'uuid',
  trackingNumber: 'int8',
  sourceTitle: 'text',
  subject: 'text',
  workshopCode: 'text',
  registeredAt: 'timestamptz',
  microseconds: 'int8',
  firstViewedAt: 'timestamptz?',
  sentAt: 'timestamptz?',
  alertPending: 'bool',
  mobile: 'text?',
  email: 'text?',
  ...LATEST_PERMIT_COLUMNS,
};

function toRow({ microseconds: _, permitState, permitExpiresAt, permitCipher, ...row }: ListedRow): InboxRow {
  return {
    ...row,
    permit: toPermitOnNotice({ permitState, permitExpiresAt, permitCipher }),
    legacy: isLegacy(row.registeredAt),
  };
}
