import { createHttpClient, type FeedEvent } from '../../client';
import { statement } from '../../core/platform/statement';
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
  /** The localid the provider received. */
  attemptId: string | null;
  /** The outcome of the latest recorded attempt. */
  outcome: string | null;
  messageId: string | null;
  settledAt: Date | null;
}

export interface NoticeRow {
  id: string;
  reference: string;
  trackingNumber: string;
  firstViewedAt: Date | null;
  /** The earliest recorded view. */
  firstView: Date | null;
  views: number;
}

export interface CodeRow {
  nationalId: string;
  /** The localid the provider received, if the code was sent. */
  localId: string | null;
  /** Whether the code can still be read. */
  kept: boolean;
}

export interface PermitRow {
  id: string;
  state: string;
}

/** The evidence that is compared with the ledger after the run. */
export interface Evidence {
  notices: NoticeRow[];
  alerts: AlertRow[];
  permits: PermitRow[];
  /** The number of the sender's events in PostgreSQL before the feed was read; delivery reports may add some meanwhile. */
  events: number;
  /** The sender's feed, read from its beginning. */
  feed: FeedEvent[];
  /** Ids of the notices that each inbox lists, by national ID. */
  inboxes: Map<string, string[]>;
  /** The SMS about notices. */
  sms: SimulatedSms[];
  codes: CodeRow[];
  /** The SMS with login codes. */
  codeMessages: SimulatedSms[];
  emails: SimulatedEmail[];
}

const COUNT_EVENTS = statement<{ count: number }>(
  'faults-count-events',
  'SELECT count(*)::int AS count FROM events WHERE source_id = :sourceId',
  { count: 'int4' },
);

const SELECT_NOTICES = statement<NoticeRow>(
  'faults-select-notices',
  `SELECT n.id, n.reference, n.tracking_number AS "trackingNumber", n.first_viewed_at AS "firstViewedAt",
          min(v.at) AS "firstView", count(v.id)::int AS views
     FROM notices n LEFT JOIN views v ON v.notice_id = n.id GROUP BY n.id`,
  {
    id: 'uuid',
    reference: 'text',
    trackingNumber: 'int8',
    firstViewedAt: 'timestamptz?',
    firstView: 'timestamptz?',
    views: 'int4',
  },
);

const SELECT_ALERTS = statement<AlertRow>(
  'faults-select-alerts',
  `SELECT a.id, a.notice_id AS "noticeId", a.channel, a.state, a.attempt_id AS "attemptId", t.outcome,
          t.provider_message_id AS "messageId", t.settled_at AS "settledAt"
     FROM alerts a LEFT JOIN attempts t ON t.alert_id = a.id AND t.id = a.attempt_id`,
  {
    id: 'int8',
    noticeId: 'uuid',
    channel: 'text',
    state: 'text',
    attemptId: 'int8?',
    outcome: 'text?',
    messageId: 'text?',
    settledAt: 'timestamptz?',
  },
);

const SELECT_PERMITS = statement<PermitRow>('faults-select-permits', 'SELECT id, state FROM permits', {
  id: 'int8',
  state: 'text',
});

const SELECT_CODES = statement<CodeRow>(
  'faults-select-codes',
  `SELECT national_id AS "nationalId", local_id AS "localId", code_cipher IS NOT NULL AS kept FROM login_codes`,
  { nationalId: 'text', localId: 'int8?', kept: 'bool' },
);

/** The feed holds an event back while a transaction runs that began before it. */
const FEED_TIMEOUT_MS = 10_000;

export async function collectEvidence(system: System): Promise<Evidence> {
  const { postgres, population, apiUrl } = system;
  const { db } = postgres;
  const [counted] = await db.query(COUNT_EVENTS, { sourceId: population.sourceId });
  const events = counted?.count ?? 0;
  let feed: FeedEvent[] = [];
  await becomesTrue(
    'the feed has all of them',
    async () => {
      feed = await readFeed(apiUrl, population.apiKey);
      return feed.length >= events;
    },
    FEED_TIMEOUT_MS,
  );
  const messages = [...system.kavenegar.messages(), ...system.secondLine.messages()];
  const client = createWebClient(apiUrl, population);
  const inboxes = new Map<string, string[]>();
  for (const { nationalId } of population.employers)
    inboxes.set(nationalId, await client.listInbox(nationalId));
  return {
    notices: await db.query(SELECT_NOTICES),
    alerts: await db.query(SELECT_ALERTS),
    permits: await db.query(SELECT_PERMITS),
    events,
    feed,
    inboxes,
    sms: messages.filter(({ text }) => !loginCodeIn(text)),
    codes: await db.query(SELECT_CODES),
    codeMessages: messages.filter(({ text }) => loginCodeIn(text)),
    emails: system.smtp.messages(),
  };
}

async function readFeed(url: string, apiKey: string): Promise<FeedEvent[]> {
  const client = createHttpClient({ url, apiKey });
  const all: FeedEvent[] = [];
  for (let after: string | null = null; ; ) {
    const { events, next } = await client.events({ after, limit: 500 });
    if (events.length === 0) return all;
    all.push(...events);
    after = next;
  }
}
