import { v7 as uuidv7 } from 'uuid';
import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { type Lane, queuePolicy, SEND_QUEUES } from '../platform/queues';
import { currentTraceParent } from '../platform/tracing';
import type { Accepted } from './notice-schema';
import type { ParsedNotice } from './parse-notice';

/** What the database knows of a notice that is about to be taken in. */
export interface IntakeLookup {
  existing: { id: string; trackingNumber: string; contentHash: Buffer; acceptedAt: Date } | null;
  employer: { id: string; name: string; mobile: string | null; email: string | null } | null;
  workshopKnown: boolean;
  agreed: boolean;
  /** A fresh running number; unused ones are gaps nobody minds. */
  serial: string;
}

export interface NewNotice {
  id: string;
  source: { id: number; code: string };
  parsed: ParsedNotice;
  employerId: string;
  trackingNumber: string;
  smsText: string;
  mobile: string | null;
  email: string | null;
}

interface IntakeLookupRow {
  id: string | null;
  trackingNumber: string;
  contentHash: Buffer;
  acceptedAt: Date;
  employerId: string | null;
  name: string;
  mobile: string | null;
  email: string | null;
  workshopKnown: boolean;
  agreed: boolean;
  serial: string;
}

export const newNoticeId = (): string => uuidv7();

/** The notices themselves. Set-based: one statement a table, whatever the size of the set. */
export function createNotices(db: Queryable) {
  return {
    /** Looks up, for each notice in order, what was accepted before and whether its employer may be served. */
    async lookUp(wanted: { sourceId: number; parsed: ParsedNotice }[]): Promise<IntakeLookup[]> {
      const rows = await db.query<IntakeLookupRow>(
        `SELECT n.id, n.tracking_number AS "trackingNumber", n.content_hash AS "contentHash",
                n.accepted_at AS "acceptedAt", e.id AS "employerId", e.name, e.mobile, e.email,
                w.code IS NOT NULL AS "workshopKnown", w.agreement_signed_at IS NOT NULL AS agreed,
                nextval('tracking_numbers') AS serial
           FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])
                WITH ORDINALITY wanted(source_id, reference, national_id, workshop_code, ord)
           LEFT JOIN notices n ON n.source_id = wanted.source_id AND n.reference = wanted.reference
           LEFT JOIN employers e ON e.national_id = wanted.national_id
           LEFT JOIN workshops w ON w.employer_id = e.id AND w.code = wanted.workshop_code
          ORDER BY ord`,
        [
          wanted.map(({ sourceId }) => sourceId),
          wanted.map(({ parsed }) => parsed.reference),
          wanted.map(({ parsed }) => parsed.nationalId),
          wanted.map(({ parsed }) => parsed.workshopCode),
        ],
      );
      return rows.map(toIntakeLookup);
    },

    /**
     * Writes notices with their alerts, due work, attachments and events. One whose reference was taken in
     * the meantime is left out, whole.
     *
     * @param alertTtlHours how long their alerts are tried
     * @returns when they were accepted, by id, of those that were written
     */
    async insert(notices: NewNotice[], alertTtlHours: number): Promise<Map<string, Date>> {
      // In one order everywhere: two sets with the same references then wait for each other, never in a circle.
      const ordered = notices.toSorted((a, b) => (lockOrderKey(a) < lockOrderKey(b) ? -1 : 1));
      const rows = await db.query<{ id: string; acceptedAt: Date }>(INSERT_NOTICES_SQL, [
        ...valuesOfNotices(ordered),
        ...valuesOfAlerts(ordered),
        alertTtlHours,
        SEND_QUEUES,
        SEND_QUEUES.map((queue) => queuePolicy(queue).setSize),
        currentTraceParent(),
        ...valuesOfAttachments(ordered),
        ...valuesOfEvents(ordered),
      ]);
      return new Map(rows.map(({ id, acceptedAt }) => [id, acceptedAt]));
    },

    /** Whether an answer was given to the source system of this key: the notice stands, and is theirs. */
    async wasAccepted(
      keyId: string,
      { id, trackingNumber }: Pick<Accepted, 'id' | 'trackingNumber'>,
    ): Promise<boolean> {
      const found = await db.query(
        `SELECT 1 FROM notices n JOIN api_keys k ON k.source_id = n.source_id
          WHERE n.id = $1 AND n.tracking_number = $2 AND k.id = $3`,
        [id, trackingNumber, keyId],
      );
      return found.length > 0;
    },
  };
}

const lockOrderKey = ({ source, parsed }: NewNotice) => `${source.id} ${parsed.reference}`;

function toIntakeLookup(row: IntakeLookupRow): IntakeLookup {
  const { id, trackingNumber, contentHash, acceptedAt, employerId, name, mobile, email } = row;
  return {
    existing: id ? { id, trackingNumber, contentHash, acceptedAt } : null,
    employer: employerId ? { id: employerId, name, mobile, email } : null,
    workshopKnown: row.workshopKnown,
    agreed: row.agreed,
    serial: row.serial,
  };
}

/**
 * All of it in one statement, which is a transaction by itself: a notice that waits for its answer is not kept
 * waiting for six round trips. What belongs to a notice that another process took in meanwhile is left out.
 */
const INSERT_NOTICES_SQL = `
  WITH written AS (
    INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                         subject, sms_text, kind, priority, accepted_at, registered_at)
    SELECT *, now(), now()
      FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::text[],
                  $8::text[], $9::text[], $10::text[], $11::text[])
    ON CONFLICT (source_id, reference) DO NOTHING
    RETURNING id, accepted_at),
  alert AS (
    INSERT INTO alerts (notice_id, source_id, channel, lane, address, expires_at)
    SELECT a.*, now() + make_interval(hours => $17)
      FROM unnest($12::uuid[], $13::int[], $14::text[], $15::text[], $16::text[])
           AS a(notice_id, source_id, channel, lane, address)
      JOIN written ON written.id = a.notice_id
    RETURNING id, channel, lane),
  work AS (
    SELECT channel || '-' || lane AS queue, id,
           (row_number() OVER (PARTITION BY channel, lane ORDER BY id) - 1) / size AS part
      FROM alert JOIN unnest($18::text[], $19::int[]) sizes(of, size) ON of = channel || '-' || lane),
  due AS (
    INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
    SELECT queue, array_agg(id ORDER BY id), now(), now(), $20 FROM work GROUP BY queue, part),
  attachment AS (
    INSERT INTO attachments (id, notice_id, position, file_name, content_type, size, sha256)
    SELECT f.*
      FROM unnest($21::uuid[], $22::uuid[], $23::smallint[], $24::text[], $25::text[], $26::int[], $27::bytea[])
           AS f(id, notice_id, position, file_name, content_type, size, sha256)
      JOIN written ON written.id = f.notice_id),
  event AS (
    INSERT INTO events (source_id, type, notice_id, actor, data)
    SELECT e.source_id, 'notice.accepted', e.notice_id, e.actor, e.data
      FROM unnest($28::uuid[], $29::int[], $30::text[], $31::json[]) AS e(notice_id, source_id, actor, data)
      JOIN written ON written.id = e.notice_id)
  SELECT id, accepted_at AS "acceptedAt" FROM written`;

const valuesOfNotices = (notices: NewNotice[]): unknown[][] => [
  notices.map(({ id }) => id),
  notices.map(({ source }) => source.id),
  notices.map(({ parsed }) => parsed.reference),
  notices.map(({ parsed }) => parsed.contentHash),
  notices.map(({ trackingNumber }) => trackingNumber),
  notices.map(({ employerId }) => employerId),
  notices.map(({ parsed }) => parsed.workshopCode),
  notices.map(({ parsed }) => parsed.subject),
  notices.map(({ smsText }) => smsText),
  notices.map(({ parsed }) => parsed.kind),
  notices.map(({ parsed }) => parsed.priority),
];

interface NewAlert {
  noticeId: string;
  sourceId: number;
  channel: 'sms' | 'email';
  lane: Lane;
  address: string;
}

const alertsOf = ({ id, source, parsed, mobile, email }: NewNotice): NewAlert[] => {
  const common = { noticeId: id, sourceId: source.id, lane: parsed.priority };
  return [
    ...(mobile ? [{ ...common, channel: 'sms' as const, address: mobile }] : []),
    ...(email ? [{ ...common, channel: 'email' as const, address: email }] : []),
  ];
};

function valuesOfAlerts(notices: NewNotice[]): unknown[][] {
  const alerts = notices.flatMap(alertsOf);
  return [
    alerts.map(({ noticeId }) => noticeId),
    alerts.map(({ sourceId }) => sourceId),
    alerts.map(({ channel }) => channel),
    alerts.map(({ lane }) => lane),
    alerts.map(({ address }) => address),
  ];
}

function valuesOfAttachments(notices: NewNotice[]): unknown[][] {
  const files = notices.flatMap(({ id, parsed }) =>
    parsed.attachments.map((file, position) => ({ ...file, noticeId: id, position })),
  );
  return [
    files.map(({ id }) => id),
    files.map(({ noticeId }) => noticeId),
    files.map(({ position }) => position),
    files.map(({ fileName }) => fileName),
    files.map(({ contentType }) => contentType),
    files.map(({ bytes }) => bytes.length),
    files.map(({ sha256 }) => sha256),
  ];
}

const valuesOfEvents = (notices: NewNotice[]): unknown[][] => [
  notices.map(({ id }) => id),
  notices.map(({ source }) => source.id),
  notices.map(({ source }) => `source:${source.code}`),
  notices.map((notice) => canonicalJson({ alerts: alertsOf(notice).map(({ channel }) => channel) })),
];
