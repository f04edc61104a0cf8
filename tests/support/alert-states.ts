import type { AlertState } from '../../core/alerts/states';
import type { Database } from '../../core/platform/database';

/**
 * Puts alerts, or all alerts of a notice, into a state without the way there: the trigger that guards the transitions does not
 * run in this transaction. It needs a superuser, as the tests are.
 */
export async function forceAlertState(
  db: Database,
  which: string[] | { noticeId: string },
  state: AlertState,
): Promise<void> {
  const [condition, value] = Array.isArray(which)
    ? ['id = ANY($1::bigint[])', which]
    : ['notice_id = $1', which.noticeId];
  await db.transaction(async (trx) => {
    await trx.query('SET LOCAL session_replication_role = replica');
    await trx.query(`UPDATE alerts SET state = $2 WHERE ${condition}`, [value, state]);
  });
}
