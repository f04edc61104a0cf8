import { createHttpClient, type FeedEvent } from '../../client';
import type { SimulatedSms } from '../../embedded/simulators/kavenegar-store';
import type { SimulatedEmail } from '../../embedded/simulators/mail-store';
import { loginCodeIn } from './logins';
import type { System } from './system';
import { becomesTrue } from './until';
import { createWebClient } from './web-client';

/** An alert as PostgreSQL has it. */
export interface AlertRow {
  id: string;
  noticeId: string;
  channel: 'sms' | 'email';
  state: string;
  /** The provider was given this number. */
  attemptId: string | null;
  /** Of the latest attempt that is on record. */
  outcome: string | null;
  messageId: string | null;
  settledAt: Date | null;
}

export interface NoticeRow {
  id: string;
  reference: string;
  trackingNumber: string;
  firstViewedAt: Date | null;
  /** The earliest on record. */
  firstView: Date | null;
  views: number;
}

export interface CodeRow {
  nationalId: string;
  /** The number it was given to the provider under, if it was. */
  localId: string | null;
  /** Whether it can still be read. */
  kept: boolean;
}

/** Everything there is to be compared with the ledger once all is over. */
export interface Evidence {
  notices: NoticeRow[];
  alerts: AlertRow[];
  permits: { id: string; state: string }[];
  /** How many events of the sender PostgreSQL had before the feed was walked: reports may add some meanwhile. */
  events: number;
  /** The sender's feed, walked from its beginning. */
  feed: FeedEvent[];
  /** Of each inbox, by national ID, the notices its pages list. */
  inboxes: Map<string, string[]>;
  /** Those about notices. */
  sms: SimulatedSms[];
  codes: CodeRow[];
  /** The SMS that brought login codes. */
  codeMessages: SimulatedSms[];
  emails: SimulatedEmail[];
}

/** The feed holds an event back while a transaction that began before it runs. */
const FEED_TIMEOUT_MS = 10_000;

export async function collectEvidence(system: System): Promise<Evidence> {
  const { postgres, population, apiUrl } = system;
  const { db } = postgres;
  const [counted] = await db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM events WHERE source_id = $1',
    [population.sourceId],
  );
  const events = counted?.count ?? 0;
  let feed: FeedEvent[] = [];
  await becomesTrue(
    'the feed has all of them',
    async () => {
      feed = await walkFeed(apiUrl, population.apiKey);
      return feed.length >= events;
    },
    FEED_TIMEOUT_MS,
  );
  const messages = [...system.kavenegar.messages(), ...system.secondLine.messages()];
  const pages = createWebClient(apiUrl, population);
  const inboxes = new Map<string, string[]>();
  for (const { nationalId } of population.employers)
    inboxes.set(nationalId, await pages.listInbox(nationalId));
  return {
    notices: await db.query<NoticeRow & Record<string, unknown>>(NOTICES_SQL),
    alerts: await db.query<AlertRow & Record<string, unknown>>(ALERTS_SQL),
    permits: await db.query<{ id: string; state: string }>('SELECT id, state FROM permits'),
    events,
    feed,
    inboxes,
    sms: messages.filter(({ text }) => !loginCodeIn(text)),
    codes: await db.query<CodeRow & Record<string, unknown>>(CODES_SQL),
    codeMessages: messages.filter(({ text }) => loginCodeIn(text)),
    emails: system.smtp.messages(),
  };
}

async function walkFeed(url: string, apiKey: string): Promise<FeedEvent[]> {
  const client = createHttpClient({ url, apiKey });
  const all: FeedEvent[] = [];
  for (let after: string | null = null; ; ) {
    const { events, next } = await client.events({ after, limit: 500 });
    if (events.length === 0) return all;
    all.push(...events);
    after = next;
  }
}

const NOTICES_SQL = `
  SELECT n.id, n.reference, n.tracking_number AS "trackingNumber", n.first_viewed_at AS "firstViewedAt",
         min(v.at) AS "firstView", count(v.id)::int AS views
    FROM notices n LEFT JOIN views v ON v.notice_id = n.id GROUP BY n.id`;

const CODES_SQL = `
  SELECT national_id AS "nationalId", local_id AS "localId", code_cipher IS NOT NULL AS kept FROM login_codes`;

const ALERTS_SQL = `
  SELECT a.id, a.notice_id AS "noticeId", a.channel, a.state, a.attempt_id AS "attemptId", t.outcome,
         t.provider_message_id AS "messageId", t.settled_at AS "settledAt"
    FROM alerts a LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id`;
