import { v7 as uuidv7 } from 'uuid';
import { insertAlertsSql } from '../alerts/insert-alerts-sql';
import { canonicalJson } from '../events/events';
import type { Queryable } from '../platform/database';
import { enqueueSql } from '../platform/outbox';
import { type Lane, queuePolicy, SEND_QUEUES } from '../platform/queues';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';
import type { Accepted } from './notice-schema';
import type { ParsedNotice } from './parse-notice';

/** The facts the database holds about a notice that is about to be accepted. */
export interface IntakeLookup {
  existing: { id: string; trackingNumber: string; contentHash: Buffer; acceptedAt: Date } | null;
  employer: { id: string; name: string; mobile: string | null; email: string | null } | null;
  workshopKnown: boolean;
  /** Whether the workshop has an agreement on electronic service. */
  hasAgreement: boolean;
  /** A fresh running number; an unused one leaves a gap, which harms nothing. */
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
  trackingNumber: string | null;
  contentHash: Buffer | null;
  acceptedAt: Date | null;
  employerId: string | null;
  name: string | null;
  mobile: string | null;
  email: string | null;
  workshopKnown: boolean;
  hasAgreement: boolean;
  serial: string;
}

const LOOK_UP_INTAKE = statement<IntakeLookupRow>(
  'look-up-intake',
  `SELECT n.id, n.tracking_number AS "trackingNumber", n.content_hash AS "contentHash",
          n.accepted_at AS "acceptedAt", e.id AS "employerId", e.name, e.mobile, e.email,
          w.code IS NOT NULL AS "workshopKnown", w.agreement_signed_at IS NOT NULL AS "hasAgreement",
          nextval('tracking_numbers') AS serial
     FROM unnest(:sourceIds::int[], :references::text[], :nationalIds::text[], :workshopCodes::text[])
          WITH ORDINALITY wanted(source_id, reference, national_id, workshop_code, ord)
     LEFT JOIN notices n ON n.source_id = wanted.source_id AND n.reference = wanted.reference
     LEFT JOIN employers e ON e.national_id = wanted.national_id
     LEFT JOIN workshops w ON w.employer_id = e.id AND w.code = wanted.workshop_code
    ORDER BY ord`,
  {
    id: 'uuid?',
    trackingNumber: 'int8?',
    contentHash: 'bytea?',
    acceptedAt: 'timestamptz?',
    employerId: 'int8?',
    name: 'text?',
    mobile: 'text?',
    email: 'text?',
    workshopKnown: 'bool',
    hasAgreement: 'bool',
    serial: 'int8',
  },
);

/**
 * Inserts notices and everything that belongs to them in one statement, which is a transaction by itself: a notice that waits for
 * its answer does not wait for six round trips. A notice whose reference another process took meanwhile is left out, with all that
 * belongs to it.
 */
const INSERT_NOTICES = statement<{ id: string; acceptedAt: Date }>(
  'insert-notices',
  `WITH written AS (
     INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                          subject, sms_text, kind, priority, accepted_at, registered_at)
     SELECT *, now(), now()
       FROM unnest(:ids::uuid[], :sourceIds::int[], :references::text[], :contentHashes::bytea[],
                   :trackingNumbers::bigint[], :employerIds::bigint[], :workshopCodes::text[], :subjects::text[],
                   :smsTexts::text[], :kinds::text[], :priorities::text[])
     ON CONFLICT (source_id, reference) DO NOTHING
     RETURNING id, accepted_at),
   alert AS (
     ${insertAlertsSql({
       noticeId: 'a.notice_id',
       sourceId: 'a.source_id',
       channel: 'a.channel',
       lane: 'a.lane',
       address: 'a.address',
       ttlHours: ':alertTtlHours::int',
       from: `unnest(:alertNoticeIds::uuid[], :alertSourceIds::int[], :alertChannels::text[], :alertLanes::text[],
                     :alertAddresses::text[])
                AS a(notice_id, source_id, channel, lane, address)
              JOIN written ON written.id = a.notice_id`,
     })}),
   work AS (
     SELECT channel || '-' || lane AS queue, id,
            (row_number() OVER (PARTITION BY channel, lane ORDER BY id) - 1) / size AS set_number
       FROM alert
       JOIN unnest(:queues::text[], :setSizes::int[]) policies(queue_name, size)
         ON queue_name = channel || '-' || lane),
   enqueued AS (
     ${enqueueSql({
       queue: 'queue',
       subjectIds: 'array_agg(id ORDER BY id)',
       from: 'work GROUP BY queue, set_number',
     })}),
   attachment AS (
     INSERT INTO attachments (id, notice_id, position, file_name, content_type, size, sha256)
     SELECT f.*
       FROM unnest(:fileIds::uuid[], :fileNoticeIds::uuid[], :filePositions::smallint[], :fileNames::text[],
                   :fileContentTypes::text[], :fileSizes::int[], :fileDigests::bytea[])
            AS f(id, notice_id, position, file_name, content_type, size, sha256)
       JOIN written ON written.id = f.notice_id),
   event AS (
     INSERT INTO events (source_id, type, notice_id, actor, data)
     SELECT e.source_id, 'notice.accepted', e.notice_id, e.actor, e.data
       FROM unnest(:ids::uuid[], :sourceIds::int[], :actors::text[], :eventData::json[])
            AS e(notice_id, source_id, actor, data)
       JOIN written ON written.id = e.notice_id)
   SELECT id, accepted_at AS "acceptedAt" FROM written`,
  { id: 'uuid', acceptedAt: 'timestamptz' },
);

const SET_SIZES = SEND_QUEUES.map((queue) => queuePolicy(queue).setSize);

export const newNoticeId = (): string => uuidv7();

/** The notices of all source systems. Set-based: one statement for a set of any size. */
export function createNotices(db: Queryable) {
  return {
    /** Looks up, for each notice in order, what was accepted before and whether its employer may be served. */
    async lookUp(wanted: { sourceId: number; parsed: ParsedNotice }[]): Promise<IntakeLookup[]> {
      const rows = await db.query(LOOK_UP_INTAKE, {
        sourceIds: wanted.map(({ sourceId }) => sourceId),
        references: wanted.map(({ parsed }) => parsed.reference),
        nationalIds: wanted.map(({ parsed }) => parsed.nationalId),
        workshopCodes: wanted.map(({ parsed }) => parsed.workshopCode),
      });
      return rows.map(toIntakeLookup);
    },

    /**
     * Writes notices with their alerts, due work, attachments and events. A notice whose reference was taken in the meantime is
     * left out, whole.
     *
     * @param alertTtlHours how long their alerts are tried
     * @returns by id, the instants at which the notices that were written were accepted
     */
    async insert(notices: NewNotice[], alertTtlHours: number): Promise<Map<string, Date>> {
      // In one order everywhere: two sets with the same references then wait for each other, never in a circle.
      const ordered = notices.toSorted((a, b) => (lockOrderKey(a) < lockOrderKey(b) ? -1 : 1));
      const rows = await db.query(INSERT_NOTICES, {
        ...noticeValues(ordered),
        ...alertValues(ordered),
        ...attachmentValues(ordered),
        ...eventValues(ordered),
        alertTtlHours,
        queues: SEND_QUEUES,
        setSizes: SET_SIZES,
        trace: currentTraceParent(),
      });
      return new Map(rows.map(({ id, acceptedAt }) => [id, acceptedAt]));
    },

    /** Checks whether the source system of a key was given this answer: the notice exists and belongs to that system. */
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

const toIntakeLookup = (row: IntakeLookupRow): IntakeLookup => ({
  existing: existingNotice(row),
  employer: registeredEmployer(row),
  workshopKnown: row.workshopKnown,
  hasAgreement: row.hasAgreement,
  serial: row.serial,
});

function existingNotice({ id, trackingNumber, contentHash, acceptedAt }: IntakeLookupRow) {
  if (id === null || trackingNumber === null || contentHash === null || acceptedAt === null) return null;
  return { id, trackingNumber, contentHash, acceptedAt };
}

function registeredEmployer({ employerId, name, mobile, email }: IntakeLookupRow) {
  return employerId === null || name === null ? null : { id: employerId, name, mobile, email };
}

const noticeValues = (notices: NewNotice[]) => ({
  ids: notices.map(({ id }) => id),
  sourceIds: notices.map(({ source }) => source.id),
  references: notices.map(({ parsed }) => parsed.reference),
  contentHashes: notices.map(({ parsed }) => parsed.contentHash),
  trackingNumbers: notices.map(({ trackingNumber }) => trackingNumber),
  employerIds: notices.map(({ employerId }) => employerId),
  workshopCodes: notices.map(({ parsed }) => parsed.workshopCode),
  subjects: notices.map(({ parsed }) => parsed.subject),
  smsTexts: notices.map(({ smsText }) => smsText),
  kinds: notices.map(({ parsed }) => parsed.kind),
  priorities: notices.map(({ parsed }) => parsed.priority),
});

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

function alertValues(notices: NewNotice[]) {
  const alerts = notices.flatMap(alertsOf);
  return {
    alertNoticeIds: alerts.map(({ noticeId }) => noticeId),
    alertSourceIds: alerts.map(({ sourceId }) => sourceId),
    alertChannels: alerts.map(({ channel }) => channel),
    alertLanes: alerts.map(({ lane }) => lane),
    alertAddresses: alerts.map(({ address }) => address),
  };
}

function attachmentValues(notices: NewNotice[]) {
  const files = notices.flatMap(({ id, parsed }) =>
    parsed.attachments.map((file, position) => ({ ...file, noticeId: id, position })),
  );
  return {
    fileIds: files.map(({ id }) => id),
    fileNoticeIds: files.map(({ noticeId }) => noticeId),
    filePositions: files.map(({ position }) => position),
    fileNames: files.map(({ fileName }) => fileName),
    fileContentTypes: files.map(({ contentType }) => contentType),
    fileSizes: files.map(({ bytes }) => bytes.length),
    fileDigests: files.map(({ sha256 }) => sha256),
  };
}

const eventValues = (notices: NewNotice[]) => ({
  actors: notices.map(({ source }) => `source:${source.code}`),
  eventData: notices.map((notice) =>
    canonicalJson({ alerts: alertsOf(notice).map(({ channel }) => channel) }),
  ),
});
