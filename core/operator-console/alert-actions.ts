import type { AlertState } from '../alerts/states';
import type { Queryable } from '../platform/database';
import type { Channel } from '../platform/queues';
import { statement } from '../platform/statement';

/** An alert with what decides which actions an operator may take. */
export interface ActionableAlert {
  id: string;
  noticeId: string;
  trackingNumber: string;
  channel: Channel;
  address: string;
  state: AlertState;
  reason: string | null;
  /** Whether it ended badly and no operator has dealt with it yet. */
  dead: boolean;
  /** The code of the provider, or of ours, by which a dead alert ended; null when it is not dead. */
  cause: string | null;
}

/** The actions an operator can take on an alert. */
export const ALERT_ACTIONS = ['resend', 'count-as-sent', 'give-up'] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

const READ_ACTIONABLE_ALERT = statement<ActionableAlert>(
  'read-actionable-alert',
  `SELECT a.id, a.notice_id AS "noticeId", n.tracking_number AS "trackingNumber", a.channel, a.address, a.state,
          a.reason, d.alert_id IS NOT NULL AS dead, d.cause
     FROM alerts a JOIN notices n ON n.id = a.notice_id LEFT JOIN dead_alerts d ON d.alert_id = a.id
    WHERE a.id = :id`,
  {
    id: 'int8',
    noticeId: 'uuid',
    trackingNumber: 'int8',
    channel: 'text',
    address: 'text',
    state: 'text',
    reason: 'text?',
    dead: 'bool',
    cause: 'text?',
  },
);

/**
 * Returns the actions allowed for an alert as it is now. An unknown alert belongs to the workers until they leave it to a
 * person; an alert whose address was purged cannot be sent.
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

/** @returns null when there is no alert of this id, or the text is no id */
export async function readActionableAlert(db: Queryable, id: string): Promise<ActionableAlert | null> {
  if (!/^\d{1,18}$/.test(id)) return null;
  const [alert] = await db.query(READ_ACTIONABLE_ALERT, { id });
  return alert ?? null;
}
