import type { Queryable } from '../../core/platform/database';
import type { Channel } from '../../core/platform/queues';
import { type SimulatedAlert, type SimulatedAttempt, simulateAlert } from './simulate-alert';
import type { WrittenNotice } from './write-notices';

export interface WrittenAlert extends SimulatedAlert {
  id: string;
  notice: WrittenNotice;
  channel: Channel;
  address: string;
}

const PROVIDERS: Record<Channel, string> = { sms: 'kavenegar', email: 'smtp' };

/**
 * Writes the alerts of notices and their attempts, as their stories leave them. There is no outbox row for
 * any of them, so nothing is ever sent.
 */
export async function writeAlerts(trx: Queryable, notices: WrittenNotice[]): Promise<WrittenAlert[]> {
  const played = notices.flatMap(alertsOf);
  const ids = await takeIds(trx, "pg_get_serial_sequence('alerts', 'id')", played.length);
  const alerts = played.map((alert, i): WrittenAlert => ({ ...alert, id: ids[i] as string }));
  const attempts = alerts.flatMap((alert) => alert.attempts.map((attempt) => ({ alert, attempt })));
  attempts.sort((a, b) => a.attempt.at.getTime() - b.attempt.at.getTime());
  const attemptIds = await takeIds(trx, "'attempt_ids'", attempts.length);
  const idOf = new Map(attempts.map(({ attempt }, i) => [attempt, attemptIds[i] as string]));
  await insertAlerts(trx, alerts, idOf);
  await insertAttempts(trx, attempts, attemptIds);
  return alerts;
}

function alertsOf(notice: WrittenNotice, index: number): Omit<WrittenAlert, 'id'>[] {
  const { scenarios, employer, acceptedAt, smsText } = notice;
  if (!scenarios) return [];
  const play = (channel: Channel, address: string | null, nextMessageId: () => string) => {
    if (address === null) return [];
    const setting = { channel, provider: PROVIDERS[channel], acceptedAt, smsText, nextMessageId };
    return { notice, channel, address, ...simulateAlert(scenarios[channel], setting) };
  };
  return [
    play('sms', employer.mobile, () => String(1_400_000_000 + index * 37)),
    play('email', employer.email, () => `<${index}.${notice.id}@ablagh.example>`),
  ].flat();
}

/** Takes numbers from a sequence, in order. */
async function takeIds(trx: Queryable, sequence: string, count: number): Promise<string[]> {
  const rows = await trx.query<{ id: string }>(
    `SELECT nextval(${sequence}) AS id FROM generate_series(1, $1)`,
    [count],
  );
  return rows.map(({ id }) => id);
}

async function insertAlerts(
  trx: Queryable,
  alerts: WrittenAlert[],
  idOf: Map<SimulatedAttempt, string>,
): Promise<void> {
  const latest = alerts.map(({ attempts }) => attempts.at(-1));
  await trx.query(
    `INSERT INTO alerts (id, notice_id, source_id, channel, lane, address, state, reason, attempt_id, attempt_at,
                         attempt_count, claimed_at, sent_at, expires_at)
     OVERRIDING SYSTEM VALUE
     SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
                          $8::text[], $9::bigint[], $10::timestamptz[], $11::smallint[], $12::timestamptz[],
                          $13::timestamptz[], $14::timestamptz[])`,
    [
      alerts.map(({ id }) => id),
      alerts.map(({ notice }) => notice.id),
      alerts.map(({ notice }) => notice.sourceId),
      alerts.map(({ channel }) => channel),
      alerts.map(({ notice }) => notice.subject.priority),
      alerts.map(({ address }) => address),
      alerts.map(({ state }) => state),
      alerts.map(({ reason }) => reason),
      latest.map((attempt) => (attempt ? idOf.get(attempt) : null)),
      latest.map((attempt) => attempt?.at ?? null),
      alerts.map(({ attempts }) => attempts.length),
      latest.map((attempt) => attempt?.at ?? null),
      alerts.map(({ sentAt }) => sentAt),
      alerts.map(({ expiresAt }) => expiresAt),
    ],
  );
}

async function insertAttempts(
  trx: Queryable,
  attempts: { alert: WrittenAlert; attempt: SimulatedAttempt }[],
  ids: string[],
): Promise<void> {
  const results = attempts.map(({ attempt }) => attempt.result);
  const accepted = results.map((result) => (result.outcome === 'accepted' ? result : null));
  await trx.query(
    `INSERT INTO attempts (id, alert_id, provider, at, settled_at, outcome, code, provider_message_id, parts, cost,
                           detail)
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[],
                          $7::text[], $8::text[], $9::smallint[], $10::int[], $11::text[])`,
    [
      ids,
      attempts.map(({ alert }) => alert.id),
      attempts.map(({ alert }) => PROVIDERS[alert.channel]),
      attempts.map(({ attempt }) => attempt.at),
      attempts.map(({ attempt }) => attempt.settledAt),
      results.map(({ outcome }) => outcome),
      results.map(({ code }) => code),
      accepted.map((result) => result?.providerMessageId ?? null),
      accepted.map((result) => result?.parts ?? null),
      accepted.map((result) => result?.cost ?? null),
      results.map((result) => (result.outcome === 'accepted' ? null : result.detail)),
    ],
  );
}
