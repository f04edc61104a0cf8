import { describeCode } from '../../core/channels/kavenegar/return-codes';
import type { SendOutcome } from '../../core/channels/outcomes';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
/** The time for which alerts are tried. */
export const TTL_HOURS = 72;

type Failure = Exclude<SendOutcome['outcome'], 'accepted'>;

/** One event in the life of an alert, `after` seconds after its notice was accepted. */
export type ScenarioStep =
  | { after: number; send: 'accepted' }
  | { after: number; send: Failure; code: string; detail: string }
  /** A delivery status of the SMS provider. */
  | { after: number; status: number }
  /** The time to live ran out, or an operator cancelled the alert. */
  | { after: number; end: 'expired' | 'cancelled' };

export type AlertScenario = readonly ScenarioStep[];

const send = (after: number): ScenarioStep => ({ after, send: 'accepted' });
const refused = (after: number, outcome: Failure, code: number): ScenarioStep => ({
  after,
  send: outcome,
  code: String(code),
  detail: describeCode(code),
});
const unreadable = (after: number): ScenarioStep => ({
  after,
  send: 'unknown',
  code: 'deadline',
  detail: 'no readable answer came back',
});
const smtp = (after: number, outcome: Failure, code: string, detail: string): ScenarioStep => ({
  after,
  send: outcome,
  code,
  detail,
});
const greylisted = (after: number): ScenarioStep =>
  smtp(after, 'try_later', '451', 'the mail server put it off: RCPT TO 451');

/** Every way an SMS alert can end, and the ways it can still be open. */
export const SMS_SCENARIOS = {
  delivered: [send(3), { after: 75, status: 10 }],
  deliveredLate: [send(4), { after: 5 * HOUR_SECONDS + 12 * MINUTE_SECONDS, status: 10 }],
  deliveredAtSecondTry: [refused(3, 'try_later', 402), send(14), { after: 95, status: 10 }],
  blocked: [send(3), { after: 70, status: 14 }],
  undelivered: [send(3), { after: 9 * HOUR_SECONDS, status: 11 }],
  invalidReceptor: [refused(4, 'rejected', 411)],
  noReport: [send(3), { after: 48 * HOUR_SECONDS + 20 * MINUTE_SECONDS, status: 4 }],
  noAnswer: [unreadable(12), unreadable(11 * HOUR_SECONDS + 5 * MINUTE_SECONDS)],
  expired: [
    refused(4, 'try_later', 409),
    refused(16 * MINUTE_SECONDS, 'try_later', 409),
    refused(71 * HOUR_SECONDS, 'try_later', 409),
    { after: TTL_HOURS * HOUR_SECONDS, end: 'expired' },
  ],
  cancelled: [{ after: 40 * MINUTE_SECONDS, end: 'cancelled' }],
  sent: [send(2)],
  putOff: [refused(5, 'try_later', 402)],
  queued: [],
} satisfies Record<string, AlertScenario>;

/** The same for email alerts. Mail servers report no delivery, so `sent` is their last state. */
export const EMAIL_SCENARIOS = {
  sent: [send(2)],
  sentAfterGreylisting: [greylisted(3), greylisted(14), send(41)],
  noMailbox: [smtp(3, 'rejected', '550', 'the mail server refused the message: RCPT TO 550')],
  noAnswer: [
    smtp(6, 'unknown', 'ECONNECTION', 'the connection was lost while the message was being handed over'),
  ],
  expired: [
    greylisted(3),
    greylisted(26 * HOUR_SECONDS),
    greylisted(71 * HOUR_SECONDS),
    { after: TTL_HOURS * HOUR_SECONDS, end: 'expired' },
  ],
  cancelled: [{ after: 40 * MINUTE_SECONDS, end: 'cancelled' }],
  queued: [],
} satisfies Record<string, AlertScenario>;
