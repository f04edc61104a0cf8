import { randomUUID } from 'node:crypto';
import { holdAlertsInDoubt } from '../alerts/hold-alerts-in-doubt';
import type { Database, Queryable } from '../platform/database';
import { AblaghError } from '../platform/errors';
import { createOutbox } from '../platform/outbox';
import { statement } from '../platform/statement';

/** Result of letting work go on in a restored database. */
export interface ResumeReport {
  /** Number of alerts that a person decides about, because they may have been sent in the lost time. */
  held: number;
  /** Number of alerts whose attempt was under way: the provider is asked, and they are not sent again automatically. */
  asked: number;
  /** Number of outbox rows that are published again. */
  republished: number;
}

/**
 * Numbers to skip in each sequence: more than any process can have drawn in the lost time. Numbers drawn then are known to
 * providers, to source systems and to people, and must not come to mean something else.
 */
const SKIPPED_NUMBERS = { attempts: 2_000_000_000, events: 2_000_000_000, trackingNumbers: 20_000_000 };

const READ_IS_RESTORED = statement<{ restored: boolean }>(
  'read-is-restored',
  'SELECT coalesce(is_restored(), false) AS restored',
  { restored: 'bool' },
);

/** Tells whether the database was restored, or a replica took over, and no operator has confirmed it with `ablagh restored` yet. */
export async function isRestored(db: Queryable): Promise<boolean> {
  const [row] = await db.query(READ_IS_RESTORED);
  return row?.restored ?? false;
}

const RECORD_RESTORE = statement(
  'record-restore',
  `INSERT INTO restores (lost_after, first_tx) VALUES (:lostAfter, CASE WHEN :lostAfter::timestamptz IS NOT NULL THEN
     coalesce((SELECT tx FROM events WHERE at >= :lostAfter::timestamptz - interval '1 minute' ORDER BY tx LIMIT 1),
              pg_snapshot_xmin(pg_current_snapshot())) END)`,
  {},
);

/**
 * Lets work go on in a restored database. New numbers begin far beyond all that were drawn, jobs in Redis count as lost, and
 * alerts that may have been sent in the lost time are not sent again.
 *
 * @param db has no limit on statements: all alerts and events may have to be read
 * @param lostAfter the moment the database was restored to; null when no commit is lost
 * @throws AblaghError `feed_out_of_order` when the database was loaded from a dump of another cluster
 */
export async function resumeAfterRestore(db: Database, lostAfter: Date | null): Promise<ResumeReport> {
  return db.transaction(async (trx) => {
    await trx.query('LOCK TABLE restores IN SHARE ROW EXCLUSIVE MODE');
    await refuseDump(trx);
    await skipNumbers(trx);
    const doubt = lostAfter ? await holdAlertsInDoubt(trx, lostAfter) : { held: 0, asked: 0 };
    const republished = await createOutbox(trx).republishAll();
    await trx.query('UPDATE queue_epoch SET epoch = $1', [`restored-${randomUUID()}`]);
    await trx.query(RECORD_RESTORE, { lostAfter });
    return { ...doubt, republished };
  });
}

const FIND_EVENTS_OF_FUTURE_TRANSACTIONS = statement(
  'find-events-of-future-transactions',
  `SELECT FROM source_systems s,
          LATERAL (SELECT tx FROM events WHERE source_id = s.id ORDER BY tx DESC LIMIT 1) latest
    WHERE latest.tx >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1`,
  {},
);

/**
 * Refuses a database that was loaded from a dump. The feed of events is ordered by transaction numbers, and a dump does not bring
 * its cluster's counter along: the old events would stay hidden, and new ones would come before the cursors of source systems.
 */
async function refuseDump(trx: Queryable): Promise<void> {
  const ahead = await trx.query(FIND_EVENTS_OF_FUTURE_TRANSACTIONS);
  if (ahead.length > 0) {
    throw new AblaghError(
      'feed_out_of_order',
      'There are events of transactions this PostgreSQL has not come to: the database came by a dump. Restore a base backup, or set the epoch as docs/operation.md says.',
    );
  }
}

const SKIP_NUMBERS = statement(
  'skip-numbers',
  `SELECT setval(sequence, nextval(sequence) + skipped)
     FROM unnest(ARRAY['attempt_ids', pg_get_serial_sequence('events', 'seq'), 'tracking_numbers']::regclass[],
                 :skipped::bigint[]) s(sequence, skipped)`,
  {},
);

async function skipNumbers(trx: Queryable): Promise<void> {
  const { attempts, events, trackingNumbers } = SKIPPED_NUMBERS;
  await trx.query(SKIP_NUMBERS, { skipped: [attempts, events, trackingNumbers] });
}
