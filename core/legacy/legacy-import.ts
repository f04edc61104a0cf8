import { v7 as uuidv7 } from 'uuid';
import { canonicalJson } from '../events/events';
import type { Database, Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { toTrackingNumber } from '../text/identifiers';
import type { LegacyRow } from './legacy-row';

export type LegacyOutcome =
  | 'imported'
  | 'known'
  | 'unknown_source'
  | 'unknown_employer'
  | 'reference_conflict';

interface ImportLookup {
  sourceId: number | null;
  employerId: string | null;
  contentHash: Buffer | null;
}

type ResolvedRow = LegacyRow & { sourceId: number; employerId: string };

const LOOK_UP_LEGACY_ROWS = statement<ImportLookup>(
  'look-up-legacy-rows',
  `SELECT s.id AS "sourceId", e.id AS "employerId", n.content_hash AS "contentHash"
     FROM unnest(:sources::text[], :references::text[], :nationalIds::text[])
          WITH ORDINALITY row(source, reference, national_id, ord)
     LEFT JOIN source_systems s ON s.code = row.source
     LEFT JOIN employers e ON e.national_id = row.national_id
     LEFT JOIN notices n ON n.source_id = s.id AND n.reference = row.reference
    ORDER BY ord`,
  { sourceId: 'int4?', employerId: 'int8?', contentHash: 'bytea?' },
);

const DRAW_SERIALS = statement<{ serial: string }>(
  'draw-serials',
  `SELECT nextval('tracking_numbers') AS serial FROM generate_series(1, :count::int)`,
  { serial: 'int8' },
);

/** A notice of the previous portal has no alerts; its event says so, at the instant of its registration. */
const INSERT_LEGACY_NOTICES = statement(
  'insert-legacy-notices',
  `WITH added AS (
     INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                          subject, sms_text, kind, priority, accepted_at, registered_at, first_viewed_at)
     SELECT id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject,
            coalesce(sms_text, ''), kind, 'normal', registered_at, registered_at, first_viewed_at
       FROM unnest(:ids::uuid[], :sourceIds::int[], :references::text[], :contentHashes::bytea[],
                   :trackingNumbers::bigint[], :employerIds::bigint[], :workshopCodes::text[], :subjects::text[],
                   :smsTexts::text[], :kinds::text[], :registeredAts::timestamptz[],
                   :firstViewedAts::timestamptz[])
         AS row(id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject,
                sms_text, kind, registered_at, first_viewed_at)
     RETURNING id, source_id, registered_at)
   INSERT INTO events (source_id, type, notice_id, actor, data, at)
   SELECT source_id, 'notice.accepted', id, 'legacy import', :eventData::json, registered_at FROM added`,
  {},
);

/**
 * The import of notices from the previous portal. They become rows of the inbox that link to that portal; they send no alert, and
 * importing a row again changes nothing.
 */
export function createLegacyImport(db: Database) {
  return {
    /** Imports a set of rows in one transaction. Returns the outcome of each row, in their order. */
    async importRows(rows: LegacyRow[]): Promise<LegacyOutcome[]> {
      return db.transaction(async (trx) => {
        // One import at a time, so that no other import writes between this look-up and this insert.
        await trx.query(`SELECT pg_advisory_xact_lock(hashtext('legacy import'))`);
        const lookups = await lookUp(trx, rows);
        const fresh = new Map<string, ResolvedRow>();
        const outcomes = rows.map((row, i) => classify(row, lookups[i] as ImportLookup, fresh));
        await insertRows(trx, [...fresh.values()]);
        return outcomes;
      });
    },
  };
}

/** Says what becomes of a row, and adds the row to those to be imported, by source and reference. */
function classify(row: LegacyRow, lookup: ImportLookup, fresh: Map<string, ResolvedRow>): LegacyOutcome {
  const { sourceId, employerId, contentHash } = lookup;
  if (sourceId === null) return 'unknown_source';
  if (employerId === null) return 'unknown_employer';
  const key = `${sourceId} ${row.reference}`;
  const knownHash = contentHash ?? fresh.get(key)?.contentHash;
  if (knownHash) return knownHash.equals(row.contentHash) ? 'known' : 'reference_conflict';
  fresh.set(key, { ...row, sourceId, employerId });
  return 'imported';
}

const lookUp = (trx: Queryable, rows: LegacyRow[]): Promise<ImportLookup[]> =>
  trx.query(LOOK_UP_LEGACY_ROWS, {
    sources: rows.map(({ source }) => source),
    references: rows.map(({ reference }) => reference),
    nationalIds: rows.map(({ nationalId }) => nationalId),
  });

async function insertRows(trx: Queryable, rows: ResolvedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const serials = await trx.query(DRAW_SERIALS, { count: rows.length });
  await trx.query(INSERT_LEGACY_NOTICES, {
    ids: rows.map(({ registeredAt }) => uuidv7({ msecs: registeredAt.getTime() })),
    sourceIds: rows.map(({ sourceId }) => sourceId),
    references: rows.map(({ reference }) => reference),
    contentHashes: rows.map(({ contentHash }) => contentHash),
    trackingNumbers: serials.map(({ serial }) => toTrackingNumber(serial)),
    employerIds: rows.map(({ employerId }) => employerId),
    workshopCodes: rows.map(({ workshopCode }) => workshopCode),
    subjects: rows.map(({ subject }) => subject),
    smsTexts: rows.map(({ smsText }) => smsText),
    kinds: rows.map(({ kind }) => kind),
    registeredAts: rows.map(({ registeredAt }) => registeredAt),
    firstViewedAts: rows.map(({ firstViewedAt }) => firstViewedAt),
    eventData: canonicalJson({ alerts: [], legacy: true }),
  });
}
