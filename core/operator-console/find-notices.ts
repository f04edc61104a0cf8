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
import { parseSearchKeys } from './search-keys';

/** One notice as a list of the operators tells of it. */
export interface FoundNotice {
  id: string;
  trackingNumber: string;
  sourceTitle: string;
  registeredAt: Date;
  nationalId: string;
  alerts: { channel: Channel; state: AlertState }[];
}

export interface FoundPage {
  /** Newest first. */
  rows: FoundNotice[];
  /** Where to go on; absent when there is no more. */
  older?: string;
}

export const FOUND_PAGE_ROWS = 50;

/** Of an address that more alerts went to than this, the latest are looked through: nobody pages past them. */
const MAX_ALERTS_PER_ADDRESS = 200;

/** Newer than any notice. */
const BEFORE_NEWEST: ListPosition = {
  microseconds: '253402300800000000',
  id: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
};

/**
 * The notices a text is the key of: by its tracking number, its id, its reference in any source system, the
 * national ID or the mobile of its employer, the address an alert went to, or a provider's id of a message.
 * Every look-up goes by an index.
 *
 * @param typed as a person typed it
 * @param after a cursor of an earlier page
 */
export async function findNotices(db: Queryable, typed: string, after?: string): Promise<FoundPage> {
  const keys = parseSearchKeys(typed);
  const { microseconds, id } = parseCursor(after) ?? BEFORE_NEWEST;
  const values = [
    keys.noticeId,
    keys.trackingNumber,
    keys.references,
    keys.providerMessageIds,
    keys.addresses,
    keys.nationalId,
    keys.mobile,
    microseconds,
    id,
  ];
  const rows = await db.query<FoundNotice & { microseconds: string }>(
    searchSql(positionSql('older', '$8', '$9')),
    values,
  );
  const shown = rows.slice(0, FOUND_PAGE_ROWS);
  const last = shown.at(-1);
  return {
    rows: shown.map(({ microseconds: _, ...row }) => row),
    ...(rows.length > FOUND_PAGE_ROWS && last && { older: encodeCursor(last) }),
  };
}

/** Each branch gives its newest, so that an employer with a million notices costs no more than one with a page. */
const searchSql = (older: string): string => `
  WITH found AS (
    SELECT id FROM notices WHERE id = $1::uuid
    UNION SELECT id FROM notices WHERE tracking_number = $2::bigint
    UNION SELECT n.id FROM source_systems s JOIN notices n ON n.source_id = s.id AND n.reference = ANY($3::text[])
    UNION SELECT a.notice_id FROM attempts t JOIN alerts a ON a.id = t.alert_id
           WHERE t.provider_message_id = ANY($4::text[])
    UNION SELECT sent.notice_id FROM unnest($5::text[]) wanted(address), LATERAL (
            SELECT notice_id FROM alerts WHERE address = wanted.address
             ORDER BY id DESC LIMIT ${MAX_ALERTS_PER_ADDRESS}) sent
    UNION SELECT own.id FROM employers e, ${newestNoticesSql('e.id', older)} own WHERE e.national_id = $6
    UNION SELECT own.id FROM employers e, ${newestNoticesSql('e.id', older)} own WHERE e.mobile = $7),
  page AS (
    SELECT n.id, n.tracking_number, n.source_id, n.registered_at, n.employer_id
      FROM found f JOIN notices n ON n.id = f.id WHERE ${older}
     ORDER BY n.registered_at DESC, n.id DESC LIMIT ${FOUND_PAGE_ROWS + 1})
  SELECT n.id, n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.registered_at AS "registeredAt",
         ${microsecondsSql('n.registered_at')} AS microseconds, e.national_id AS "nationalId",
         coalesce((SELECT json_agg(json_build_object('channel', a.channel, 'state', a.state) ORDER BY a.id)
                     FROM alerts a WHERE a.notice_id = n.id AND a.text IS NULL), '[]') AS alerts
    FROM page n JOIN source_systems s ON s.id = n.source_id JOIN employers e ON e.id = n.employer_id
   ORDER BY n.registered_at DESC, n.id DESC`;

const newestNoticesSql = (employerId: string, older: string): string =>
  `LATERAL (SELECT n.id FROM notices n WHERE n.employer_id = ${employerId} AND ${older}
             ORDER BY n.registered_at DESC, n.id DESC LIMIT ${FOUND_PAGE_ROWS + 1})`;
