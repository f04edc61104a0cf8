import { createLines } from '../../core/channels/lines';
import type { Database } from '../../core/platform/database';
import { sendEmail } from '../../workers/send-email';
import { sendSms } from '../../workers/sms/send-sms';
import type { Providers } from '../workers/providers';
import { type AlertDesk, outboxIds, type TestAlert } from './alert-desk';

/** Simulated receivers whose alerts end badly at the first try. */
const REFUSED_MOBILE = '09990000411';
const DROPPING_MAILBOX = 'drop@example.ir';

/** SMS the provider refused for good: they have failed with code 411. */
export async function refusedSms(
  db: Database,
  desk: AlertDesk,
  providers: Providers,
  count = 1,
): Promise<TestAlert[]> {
  const alerts = await desk.accept(Array.from({ length: count }, () => REFUSED_MOBILE));
  await sendSms(providers.sendSmsDeps(db), 'sms-normal', outboxIds(alerts));
  return alerts;
}

/** An email whose connection broke once its content had left: its fate is unknown, and a person decides. */
export async function emailOfUnknownFate(
  db: Database,
  desk: AlertDesk,
  providers: Providers,
): Promise<TestAlert> {
  const alerts = await desk.accept([DROPPING_MAILBOX]);
  // The circuit breaker may hold the line back after lost connections.
  await createLines(db).openChannel('email');
  await sendEmail(providers.sendEmailDeps(db), 'email-normal', outboxIds(alerts));
  return alerts[0] as TestAlert;
}

/** Reads the dead letters of these alerts. */
export const listedOf = (db: Database, alerts: TestAlert[]) =>
  db.query<{ state: string; cause: string; channel: string }>(
    `SELECT d.channel, d.state, d.cause FROM unnest($1::bigint[]) WITH ORDINALITY wanted(id, place)
       JOIN dead_alerts d ON d.alert_id = wanted.id ORDER BY place`,
    [alerts.map(({ alertId }) => alertId)],
  );

/** Lets the workers do the due work of these alerts, as if the relay had published it. */
export async function sendAgain(db: Database, providers: Providers, alerts: TestAlert[]): Promise<void> {
  const rows = await db.query<{ id: string; queue: string }>(
    `SELECT id, queue FROM outbox WHERE subject_ids && $1::bigint[] AND queue <> 'sms-receipts'`,
    [alerts.map(({ alertId }) => alertId)],
  );
  for (const { id, queue } of rows) {
    if (queue.startsWith('sms')) await sendSms(providers.sendSmsDeps(db), queue as 'sms-normal', [id]);
    else await sendEmail(providers.sendEmailDeps(db), queue as 'email-normal', [id]);
  }
}
