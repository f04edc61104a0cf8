import type { AlertState } from '../alerts/states';
import {
  encodeCursor,
  type ListPosition,
  microsecondsSql,
  parseCursor,
  positionSql,
} from '../inbox/inbox-filter';
import type { Queryable } from '../platform/database';
import type { Channel } from '../platform/queues';
import { statement } from '../platform/statement';
import { parseSearchKeys } from './search-keys';

/** A notice in the list of a search. */
export interface FoundNotice {
  id: string;
  trackingNumber: string;
  sourceTitle: string;
  registeredAt: Date;
  nationalId: string;
  alerts: { channel: Channel; state: AlertState }[];
}

export interface FoundPage {
  /** The newest first. */
  rows: FoundNotice[];
  /** The cursor of the next page; absent on the last one. */
  older?: string;
}

export const FOUND_PAGE_ROWS = 50;

/** The most alerts searched for one address, the latest ones. The rest of an address with more alerts is not found. */
const MAX_ALERTS_PER_ADDRESS = 200;

/** A position before the newest notice. */
const BEFORE_NEWEST: ListPosition = {
  microseconds: '253402300800000000',
  id: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
};

const OLDER_SQL = positionSql('older', ':microseconds', ':id');

const newestNoticesSql = (employerId: string): string =>
  `LATERAL (SELECT n.id FROM notices n WHERE n.employer_id = ${employerId} AND ${OLDER_SQL}
             ORDER BY n.registered_at DESC, n.id DESC LIMIT ${FOUND_PAGE_ROWS + 1})`;

/** Each branch gives its newest notices only: an employer with a million notices costs no more than one with a page. */
const FIND_NOTICES = statement<FoundNotice & { microseconds: string }>(
  'find-notices',
  `WITH found AS (
     SELECT id FROM notices WHERE id = :noticeId::uuid
     UNION SELECT id FROM notices WHERE tracking_number = :trackingNumber::bigint
     UNION SELECT n.id FROM source_systems s
             JOIN notices n ON n.source_id = s.id AND n.reference = ANY(:references::text[])
     UNION SELECT a.notice_id FROM attempts t JOIN alerts a ON a.id = t.alert_id
            WHERE t.provider_message_id = ANY(:providerMessageIds::text[])
     UNION SELECT sent.notice_id FROM unnest(:addresses::text[]) wanted(address), LATERAL (
             SELECT notice_id FROM alerts WHERE address = wanted.address
              ORDER BY id DESC LIMIT ${MAX_ALERTS_PER_ADDRESS}) sent
     UNION SELECT own.id FROM employers e, ${newestNoticesSql('e.id')} own WHERE e.national_id = :nationalId
     UNION SELECT own.id FROM employers e, ${newestNoticesSql('e.id')} own WHERE e.mobile = :mobile),
   page AS (
     SELECT n.id, n.tracking_number, n.source_id, n.registered_at, n.employer_id
       FROM found f JOIN notices n ON n.id = f.id WHERE ${OLDER_SQL}
      ORDER BY n.registered_at DESC, n.id DESC LIMIT ${FOUND_PAGE_ROWS + 1})
   SELECT n.id, n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.registered_at AS "registeredAt",
          ${microsecondsSql('n.registered_at')} AS microseconds, e.national_id AS "nationalId",
          coalesce((SELECT json_agg(json_build_object('channel', a.channel, 'state', a.state) ORDER BY a.id)
                      FROM alerts a WHERE a.notice_id = n.id AND a.text IS NULL), '[]') AS alerts
     FROM page n JOIN source_systems s ON s.id = n.source_id JOIN employers e ON e.id = n.employer_id
    ORDER BY n.registered_at DESC, n.id DESC`,
  {
    id: 'uuid',
    trackingNumber: 'int8',
    sourceTitle: 'text',
    registeredAt: 'timestamptz',
    microseconds: 'int8',
    nationalId: 'text',
    alerts: 'json',
  },
);

/**
 * Finds notices by a key: the tracking number, the id, the reference in any source system, the employer's national ID or
 * mobile, the address of an alert, or a provider's message id. Every look-up uses an index.
 *
 * @param typed the text as a person typed it
 * @param after a cursor of an earlier page
 */
export async function findNotices(db: Queryable, typed: string, after?: string): Promise<FoundPage> {
  const position = parseCursor(after) ?? BEFORE_NEWEST;
  const rows = await db.query(FIND_NOTICES, { ...parseSearchKeys(typed), ...position });
  const shown = rows.slice(0, FOUND_PAGE_ROWS);
  const last = shown.at(-1);
  return {
    rows: shown.map(({ microseconds: _, ...row }) => row),
    ...(rows.length > FOUND_PAGE_ROWS && last && { older: encodeCursor(last) }),
  };
}
