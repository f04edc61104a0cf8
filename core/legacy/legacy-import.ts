import { v7 as uuidv7 } from 'uuid';
import { canonicalJson } from '../events/events';
import type { Database, Queryable } from '../platform/database';
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

/**
 * Takes in notices of the previous portal: rows of the inbox that are read over there. They send no alert, and
 * the same row again changes nothing.
 */
export function createLegacyImport(db: Database) {
  return {
    /** One transaction for the whole set. Returns what became of each row, in their order. */
    async importRows(rows: LegacyRow[]): Promise<LegacyOutcome[]> {
      return db.transaction(async (trx) => {
        // One import at a time, so that nobody else's rows come between the look and the writing.
        await trx.query(`SELECT pg_advisory_xact_lock(hashtext('legacy import'))`);
        const standings = await lookUp(trx, rows);
        const taken = new Map<string, LegacyRow>();
        const fresh: ResolvedRow[] = [];
        const outcomes = rows.map((row, i): LegacyOutcome => {
          const { sourceId, employerId, contentHash } = standings[i] as ImportLookup;
          if (sourceId === null) return 'unknown_source';
          if (employerId === null) return 'unknown_employer';
          const key = `${sourceId} ${row.reference}`;
          const before = contentHash ?? taken.get(key)?.contentHash;
          if (before) return before.equals(row.contentHash) ? 'known' : 'reference_conflict';
          taken.set(key, row);
          fresh.push({ ...row, sourceId, employerId });
          return 'imported';
        });
        await insertRows(trx, fresh);
        return outcomes;
      });
    },
  };
}

const lookUp = (trx: Queryable, rows: LegacyRow[]): Promise<ImportLookup[]> =>
  trx.query<ImportLookup & Record<string, unknown>>(
    `SELECT s.id AS "sourceId", e.id AS "employerId", n.content_hash AS "contentHash"
       FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY row(source, reference, national_id, ord)
       LEFT JOIN source_systems s ON s.code = row.source
       LEFT JOIN employers e ON e.national_id = row.national_id
       LEFT JOIN notices n ON n.source_id = s.id AND n.reference = row.reference
      ORDER BY ord`,
    [
      rows.map(({ source }) => source),
      rows.map(({ reference }) => reference),
      rows.map(({ nationalId }) => nationalId),
    ],
  );

async function insertRows(trx: Queryable, rows: ResolvedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const serials = await trx.query<{ serial: string }>(
    `SELECT nextval('tracking_numbers') AS serial FROM generate_series(1, $1)`,
    [rows.length],
  );
  await trx.query(
    `WITH added AS (
       INSERT INTO notices (id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code,
                            subject, sms_text, kind, priority, accepted_at, registered_at, first_viewed_at)
       SELECT id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject,
              coalesce(sms_text, ''), kind, 'normal', registered_at, registered_at, first_viewed_at
         FROM unnest($1::uuid[], $2::int[], $3::text[], $4::bytea[], $5::bigint[], $6::bigint[], $7::text[],
                     $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[])
           AS row(id, source_id, reference, content_hash, tracking_number, employer_id, workshop_code, subject,
                  sms_text, kind, registered_at, first_viewed_at)
       RETURNING id, source_id, registered_at)
     INSERT INTO events (source_id, type, notice_id, actor, data, at)
     SELECT source_id, 'notice.accepted', id, 'legacy import', $13::json, registered_at FROM added`,
    [
      rows.map(({ registeredAt }) => uuidv7({ msecs: registeredAt.getTime() })),
      rows.map(({ sourceId }) => sourceId),
      rows.map(({ reference }) => reference),
      rows.map(({ contentHash }) => contentHash),
      serials.map(({ serial }) => toTrackingNumber(serial)),
      rows.map(({ employerId }) => employerId),
      rows.map(({ workshopCode }) => workshopCode),
      rows.map(({ subject }) => subject),
      rows.map(({ smsText }) => smsText),
      rows.map(({ kind }) => kind),
      rows.map(({ registeredAt }) => registeredAt),
      rows.map(({ firstViewedAt }) => firstViewedAt),
      canonicalJson({ alerts: [], legacy: true }),
    ],
  );
}
