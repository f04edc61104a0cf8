import type { Measurements } from '../../../core/monitoring/measure/measurements';
import type { Database } from '../../../core/platform/database';
import { QUEUE_NAMES } from '../../../core/platform/queues';

/** A complete round of measurements. Each queue has another number of jobs. */
export const measured: Measurements = {
  outbox: [{ queue: 'sms-bulk', due: 500_000, oldestSeconds: 77.5 }],
  jobs: Object.fromEntries(QUEUE_NAMES.map((queue, i) => [queue, i])) as Measurements['jobs'],
  redis: { away: false, usedBytes: 700, maxBytes: 1_000 },
  postgres: { connections: 12, maxConnections: 100 },
  permits: { endingWithinDay: 4, overdue: 1 },
  events: [{ type: 'notice.viewed', count: 9 }],
  unknown: { oldestSeconds: 60 },
  deadLetters: { count: 3 },
  credit: { kavenegar: 5_000 },
};

/** Removes everything that is measured, counted or found, so that tests can share one database. */
export async function clearMonitoring(db: Database): Promise<void> {
  await db.transaction(async (trx) => {
    // Events and attempts are append-only: their triggers refuse a TRUNCATE unless they are off.
    await trx.query('SET LOCAL session_replication_role = replica');
    await trx.query(
      `TRUNCATE notices, attempts, dead_alerts, events, outbox, measurements, traffic, findings, processes, lane_pauses
       CASCADE`,
    );
    await trx.query(`UPDATE lines SET state = 'open', code = NULL, reason = NULL`);
  });
}
