export {
  SEND_OUTCOMES as ATTEMPT_OUTCOMES,
  type SendOutcomeName as AttemptOutcome,
} from '../channels/outcomes';

/** The states of an alert. This file holds the only list of them; `alerts.state` in PostgreSQL refuses all others. */
export const ALERT_STATES = [
  'queued',
  'sending',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'expired',
  'cancelled',
] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** The states in which an alert is dead: it ended badly, and a person has to look at it (`dead_alerts`). */
export const DEAD_STATES = ['failed', 'unknown', 'expired'] as const satisfies AlertState[];
export type DeadState = (typeof DEAD_STATES)[number];

/**
 * The states an alert may go to, by the state it is in. A trigger on `alerts` refuses every other change, so a new
 * transition needs a migration as well. The comment of each line names the verbs that make it.
 */
export const ALERT_TRANSITIONS: Readonly<Record<AlertState, readonly AlertState[]>> = {
  /** claim · expire · cancelQueuedAlerts · holdAlertsInDoubt */
  queued: ['sending', 'expired', 'cancelled', 'unknown'],
  /** settle (sent, failed, unknown, queued for a new try) · unclaim (queued) */
  sending: ['queued', 'sent', 'failed', 'unknown'],
  /** settle of a delivery report (queued: once more, by the template) */
  sent: ['delivered', 'failed', 'unknown', 'queued'],
  /** claimInDoubt (sending) · settle of a late delivery report · countAsSent, giveUp, resendAlerts by an operator */
  unknown: ['sending', 'delivered', 'failed', 'queued', 'sent'],
  /** resendAlerts by an operator */
  failed: ['queued'],
  /** resendAlerts by an operator */
  expired: ['queued'],
  delivered: [],
  cancelled: [],
};

/** Whether an alert may go from one state to another; an alert may always stay in the state it is in. */
export const isAllowedTransition = (from: AlertState, to: AlertState): boolean =>
  from === to || ALERT_TRANSITIONS[from].includes(to);
