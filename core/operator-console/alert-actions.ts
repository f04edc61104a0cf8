import type { AlertState } from '../alerts/states';
import type { Queryable } from '../platform/database';
import type { Channel } from '../platform/queues';

export interface ActionableAlert {
  id: string;
  noticeId: string;
  trackingNumber: string;
  channel: Channel;
  address: string;
  state: AlertState;
  reason: string | null;
  /** Whether it ended badly and nobody has dealt with it, */
  dead: boolean;
  /** and then by which code of the provider or of ours. */
  cause: string | null;
}

/** What a person can do about an alert. */
export const ALERT_ACTIONS = ['resend', 'count-as-sent', 'give-up'] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/**
 * Those open for an alert as it is now. One of unknown fate is the workers' until they leave it to a person; one
 * whose address is no longer kept goes nowhere.
 */
export function allowedActions({
  state,
  dead,
  address,
}: Pick<ActionableAlert, 'state' | 'dead'> & { address?: string }): AlertAction[] {
  if (address === '') return [];
  if (state === 'unknown') return dead ? [...ALERT_ACTIONS] : [];
  if (state !== 'failed' && state !== 'expired') return [];
  return dead ? ['resend', 'give-up'] : ['resend'];
}

/** @returns null when there is no alert of this id */
export async function readActionableAlert(db: Queryable, id: string): Promise<ActionableAlert | null> {
  if (!/^\d{1,18}$/.test(id)) return null;
  const [alert] = await db.query<ActionableAlert & Record<string, unknown>>(
    `SELECT a.id, a.notice_id AS "noticeId", n.tracking_number AS "trackingNumber", a.channel, a.address, a.state,
            a.reason, d.alert_id IS NOT NULL AS dead, d.cause
       FROM alerts a JOIN notices n ON n.id = a.notice_id LEFT JOIN dead_alerts d ON d.alert_id = a.id
      WHERE a.id = $1`,
    [id],
  );
  return alert ?? null;
}
