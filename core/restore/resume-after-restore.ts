import { randomUUID } from 'node:crypto';
import { holdAlertsInDoubt } from '../alerts/hold-alerts-in-doubt';
import type { Database, Queryable } from '../platform/database';
import { AblaghError } from '../platform/errors';
import { createOutbox } from '../platform/outbox';

/** What was done so that a restored database may be worked on. */
export interface ResumeReport {
  /** Alerts that a person decides about, because they may have been sent in the time that is lost. */
  held: number;
  /** Alerts whose attempt was under way: the provider is asked, and nothing of them is sent again by itself. */
  asked: number;
  republished: number;
}

/**
 * Further than any process can have counted in the time that is lost: numbers given out in it are known to
 * providers, to source systems and to people, and must not be given out again for something else.
 */
const SKIPPED_NUMBERS = { attempts: 2_000_000_000, events: 2_000_000_000, trackingNumbers: 20_000_000 };

/** Whether the database was restored, or a replica took over, and nobody has said yet what that means. */
export async function isRestored(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ restored: boolean }>('SELECT is_restored() AS restored');
  return row?.restored ?? false;
}

/**
 * Lets work go on in a restored database: new numbers begin far beyond all that were given out, whatever Redis
 * holds counts as lost, and what may have been sent in the lost time is not sent again.
 *
 * @param db without a limit on statements: all alerts and events there are may have to be looked through
 * @param lostAfter the moment the database was restored to; null when every commit is there
 * @throws AblaghError `feed_out_of_order` when the database came by a dump from another cluster
 */
export async function resumeAfterRestore(db: Database, lostAfter: Date | null): Promise<ResumeReport> {
  return db.transaction(async (trx) => {
    await trx.query('LOCK TABLE restores IN SHARE ROW EXCLUSIVE MODE');
    await refuseDump(trx);
    await skipNumbers(trx);
    const doubt = lostAfter ? await holdAlertsInDoubt(trx, lostAfter) : { held: 0, asked: 0 };
    const republished = await createOutbox(trx).republishAll();
    await trx.query('UPDATE queue_epoch SET epoch = $1', [`restored-${randomUUID()}`]);
    await trx.query(
      `INSERT INTO restores (lost_after, first_tx) VALUES ($1, CASE WHEN $1::timestamptz IS NOT NULL THEN
         coalesce((SELECT tx FROM events WHERE at >= $1::timestamptz - interval '1 minute' ORDER BY tx LIMIT 1),
                  pg_snapshot_xmin(pg_current_snapshot())) END)`,
      [lostAfter],
    );
    return { ...doubt, republished };
  });
}

/**
 * The feed of events is ordered by the numbers of transactions, and a dump does not bring those of its cluster along:
 * what was told there would stay hidden, and what is new would come before the cursors source systems hold.
 */
async function refuseDump(trx: Queryable): Promise<void> {
  const ahead = await trx.query(
    `SELECT FROM source_systems s,
            LATERAL (SELECT tx FROM events WHERE source_id = s.id ORDER BY tx DESC LIMIT 1) latest
      WHERE latest.tx >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT 1`,
  );
  if (ahead.length > 0) {
    throw new AblaghError(
      'feed_out_of_order',
      'There are events of transactions this PostgreSQL has not come to: the database came by a dump. Restore a base backup, or set the epoch as docs/operation.md says.',
    );
  }
}

async function skipNumbers(trx: Queryable): Promise<void> {
  await trx.query(
    `SELECT setval(sequence, nextval(sequence) + ahead)
       FROM unnest(ARRAY['attempt_ids', pg_get_serial_sequence('events', 'seq'), 'tracking_numbers']::regclass[],
                   $1::bigint[]) s(sequence, ahead)`,
    [[SKIPPED_NUMBERS.attempts, SKIPPED_NUMBERS.events, SKIPPED_NUMBERS.trackingNumbers]],
  );
}
