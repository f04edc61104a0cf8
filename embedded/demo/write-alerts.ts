import type { Queryable } from '../../core/platform/database';
import type { Channel } from '../../core/platform/queues';
import { type Statement, statement } from '../../core/platform/statement';
import { type SimulatedAlert, type SimulatedAttempt, simulateAlert } from './simulate-alert';
import type { WrittenNotice } from './write-notices';

export interface WrittenAlert extends SimulatedAlert {
  id: string;
  notice: WrittenNotice;
  channel: Channel;
  address: string;
}

const PROVIDERS: Record<Channel, string> = { sms: 'kavenegar', email: 'smtp' };

const TAKE_ALERT_IDS = statement<{ id: string }>(
  'take-demo-alert-ids',
  `SELECT nextval(pg_get_serial_sequence('alerts', 'id')) AS id FROM generate_series(1, :count::int)`,
  { id: 'int8' },
);

const TAKE_ATTEMPT_IDS = statement<{ id: string }>(
  'take-demo-attempt-ids',
  `SELECT nextval('attempt_ids') AS id FROM generate_series(1, :count::int)`,
  { id: 'int8' },
);

const INSERT_DEMO_ALERTS = statement(
  'insert-demo-alerts',
  `INSERT INTO alerts (id, notice_id, source_id, channel, lane, address, state, reason, attempt_id, attempt_at,
                       attempt_count, claimed_at, sent_at, expires_at)
   OVERRIDING SYSTEM VALUE
   SELECT * FROM unnest(:ids::bigint[], :noticeIds::uuid[], :sourceIds::int[], :channels::text[], :lanes::text[],
                        :addresses::text[], :states::text[], :reasons::text[], :attemptIds::bigint[],
                        :attemptAts::timestamptz[], :attemptCounts::smallint[], :claimedAts::timestamptz[],
                        :sentAts::timestamptz[], :expiresAts::timestamptz[])`,
  {},
);

const INSERT_DEMO_ATTEMPTS = statement(
  'insert-demo-attempts',
  `INSERT INTO attempts (id, alert_id, provider, at, settled_at, outcome, code, provider_message_id, parts, cost,
                         detail)
   SELECT * FROM unnest(:ids::bigint[], :alertIds::bigint[], :providers::text[], :ats::timestamptz[],
                        :settledAts::timestamptz[], :outcomes::text[], :codes::text[], :messageIds::text[],
                        :parts::smallint[], :costs::int[], :details::text[])`,
  {},
);

/**
 * Writes the alerts of notices and their attempts, as their scenarios leave them. No alert has an outbox row, so none is ever
 * sent.
 */
export async function writeAlerts(trx: Queryable, notices: WrittenNotice[]): Promise<WrittenAlert[]> {
  const simulated = notices.flatMap(alertsOf);
  const ids = await takeIds(trx, TAKE_ALERT_IDS, simulated.length);
  const alerts = simulated.map((alert, i): WrittenAlert => ({ ...alert, id: ids[i] as string }));
  const attempts = alerts.flatMap((alert) => alert.attempts.map((attempt) => ({ alert, attempt })));
  attempts.sort((a, b) => a.attempt.at.getTime() - b.attempt.at.getTime());
  const attemptIds = await takeIds(trx, TAKE_ATTEMPT_IDS, attempts.length);
  const idOf = new Map(attempts.map(({ attempt }, i) => [attempt, attemptIds[i] as string]));
  await insertAlerts(trx, alerts, idOf);
  await insertAttempts(trx, attempts, attemptIds);
  return alerts;
}

function alertsOf(notice: WrittenNotice, index: number): Omit<WrittenAlert, 'id'>[] {
  const { scenarios, employer, acceptedAt, smsText } = notice;
  if (!scenarios) return [];
  const simulate = (channel: Channel, address: string | null, nextMessageId: () => string) => {
    if (address === null) return [];
    const context = { channel, provider: PROVIDERS[channel], acceptedAt, smsText, nextMessageId };
    return { notice, channel, address, ...simulateAlert(scenarios[channel], context) };
  };
  return [
    simulate('sms', employer.mobile, () => String(1_400_000_000 + index * 37)),
    simulate('email', employer.email, () => `<${index}.${notice.id}@ablagh.example>`),
  ].flat();
}

/** Takes numbers from a sequence, in order. */
async function takeIds(
  trx: Queryable,
  fromSequence: Statement<{ id: string }>,
  count: number,
): Promise<string[]> {
  const rows = await trx.query(fromSequence, { count });
  return rows.map(({ id }) => id);
}

async function insertAlerts(
  trx: Queryable,
  alerts: WrittenAlert[],
  idOf: Map<SimulatedAttempt, string>,
): Promise<void> {
  const latest = alerts.map(({ attempts }) => attempts.at(-1));
  await trx.query(INSERT_DEMO_ALERTS, {
    ids: alerts.map(({ id }) => id),
    noticeIds: alerts.map(({ notice }) => notice.id),
    sourceIds: alerts.map(({ notice }) => notice.sourceId),
    channels: alerts.map(({ channel }) => channel),
    lanes: alerts.map(({ notice }) => notice.subject.priority),
    addresses: alerts.map(({ address }) => address),
    states: alerts.map(({ state }) => state),
    reasons: alerts.map(({ reason }) => reason),
    attemptIds: latest.map((attempt) => (attempt ? idOf.get(attempt) : null)),
    attemptAts: latest.map((attempt) => attempt?.at ?? null),
    attemptCounts: alerts.map(({ attempts }) => attempts.length),
    claimedAts: latest.map((attempt) => attempt?.at ?? null),
    sentAts: alerts.map(({ sentAt }) => sentAt),
    expiresAts: alerts.map(({ expiresAt }) => expiresAt),
  });
}

async function insertAttempts(
  trx: Queryable,
  attempts: { alert: WrittenAlert; attempt: SimulatedAttempt }[],
  ids: string[],
): Promise<void> {
  const results = attempts.map(({ attempt }) => attempt.result);
  const accepted = results.map((result) => (result.outcome === 'accepted' ? result : null));
  await trx.query(INSERT_DEMO_ATTEMPTS, {
    ids,
    alertIds: attempts.map(({ alert }) => alert.id),
    providers: attempts.map(({ alert }) => PROVIDERS[alert.channel]),
    ats: attempts.map(({ attempt }) => attempt.at),
    settledAts: attempts.map(({ attempt }) => attempt.settledAt),
    outcomes: results.map(({ outcome }) => outcome),
    codes: results.map(({ code }) => code),
    messageIds: accepted.map((result) => result?.providerMessageId ?? null),
    parts: accepted.map((result) => result?.parts ?? null),
    costs: accepted.map((result) => result?.cost ?? null),
    details: results.map((result) => (result.outcome === 'accepted' ? null : result.detail)),
  });
}
