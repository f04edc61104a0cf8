import { acceptNotices } from '../../core/notices/accept-notices';
import type { AttachmentStore } from '../../core/notices/attachment-store';
import type { Accepted } from '../../core/notices/notice-schema';
import type { Database } from '../../core/platform/database';
import type { Lane } from '../../core/platform/queues';
import { addSource, aNotice, registerEmployer } from './fixtures';

export interface TestAlert {
  alertId: string;
  outboxId: string;
  noticeId: string;
}

export interface AcceptOptions {
  lane?: Lane;
  alertTtlHours?: number;
  /** Keeps the alerts in sets, as alerts that come together; otherwise each has an outbox row of its own. */
  together?: boolean;
}

const nowhere: AttachmentStore = { put: async () => {}, get: async () => Buffer.alloc(0) };
const AT_ONCE = 500;

export type AlertDesk = Awaited<ReturnType<typeof createAlertDesk>>;

/** Alerts of a test: accepted as in production, and read from the database. */
export async function createAlertDesk(db: Database) {
  const { caller } = await addSource(db);
  await registerEmployer(db, { mobile: null, email: null });
  const source = { id: caller.sourceId, code: caller.sourceCode };

  async function accept(addresses: string[], { lane = 'normal', alertTtlHours = 72 }: AcceptOptions) {
    const deps = {
      db,
      attachments: nowhere,
      wording: { template: '{name}: {trackingNumber}', suffix: '' },
      alertTtlHours,
    };
    const answers = await acceptNotices(
      deps,
      addresses.map((address) => ({
        door: 'batch' as const,
        source,
        keyId: caller.keyId,
        input: aNotice({
          priority: lane,
          recipient: address.includes('@') ? { email: address } : { mobile: address },
        }),
      })),
    );
    return answers.map((answer) => (answer as Accepted).id);
  }

  return {
    source,

    /** Accepts one notice for each address, a mobile number or an email address. @returns the alerts, in order */
    async accept(addresses: string[], options: AcceptOptions = {}): Promise<TestAlert[]> {
      const noticeIds: string[] = [];
      for (let i = 0; i < addresses.length; i += AT_ONCE) {
        noticeIds.push(...(await accept(addresses.slice(i, i + AT_ONCE), options)));
      }
      if (!options.together) await takeApart(db);
      return db.query<TestAlert & Record<string, string>>(
        `SELECT a.id AS "alertId", o.id AS "outboxId", a.notice_id AS "noticeId"
           FROM unnest($1::uuid[]) WITH ORDINALITY wanted(id, place)
           JOIN alerts a ON a.notice_id = wanted.id
           JOIN (SELECT id, queue, unnest(subject_ids) AS alert_id FROM outbox) o
             ON o.alert_id = a.id AND o.queue = a.channel || '-' || a.lane
          ORDER BY place`,
        [noticeIds],
      );
    },

    async states(alerts: TestAlert[]): Promise<string[]> {
      const rows = await db.query<{ state: string }>(
        `SELECT a.state FROM unnest($1::bigint[]) WITH ORDINALITY wanted(id, place)
           JOIN alerts a ON a.id = wanted.id ORDER BY place`,
        [alerts.map(({ alertId }) => alertId)],
      );
      return rows.map(({ state }) => state);
    },

    async reason({ alertId }: TestAlert): Promise<string | null> {
      const [row] = await db.query<{ reason: string | null }>('SELECT reason FROM alerts WHERE id = $1', [
        alertId,
      ]);
      return row?.reason ?? null;
    },

    /** Its attempts, the oldest first. */
    async attempts({ alertId }: TestAlert) {
      return db.query<{ id: string; outcome: string; code: string; messageId: string | null }>(
        `SELECT id, provider, outcome, code, provider_message_id AS "messageId", parts, cost, detail
           FROM attempts WHERE alert_id = $1 ORDER BY id`,
        [alertId],
      );
    },

    /** The events of its notice after the acceptance. */
    async events({ noticeId }: TestAlert) {
      return db.query<{ type: string; actor: string; data: Record<string, unknown> }>(
        `SELECT type, actor, data FROM events WHERE notice_id = $1 AND type <> 'notice.accepted' ORDER BY seq`,
        [noticeId],
      );
    },

    /** The work left for it, in seconds from now. */
    async work({ outboxId }: TestAlert) {
      const [row] = await db.query<{ queue: string; runIn: number; relayIn: number }>(
        `SELECT queue, extract(epoch FROM run_at - now())::float8 AS "runIn",
                extract(epoch FROM relay_at - now())::float8 AS "relayIn" FROM outbox WHERE id = $1`,
        [outboxId],
      );
      return row ?? null;
    },

    /** Makes an alert older: its claim, its attempts and its time to live. */
    async age(alerts: TestAlert[], seconds: number): Promise<void> {
      await db.transaction(async (trx) => {
        // The trigger refuses every change of a settled attempt, except in replication mode.
        await trx.query('SET LOCAL session_replication_role = replica');
        await trx.query(
          `WITH attempt AS (
             UPDATE attempts SET at = at - make_interval(secs => $2), settled_at = settled_at - make_interval(secs => $2)
              WHERE alert_id = ANY($1::bigint[]))
           UPDATE alerts SET claimed_at = claimed_at - make_interval(secs => $2),
                  attempt_at = attempt_at - make_interval(secs => $2),
                  sent_at = sent_at - make_interval(secs => $2),
                  expires_at = expires_at - make_interval(secs => $2) WHERE id = ANY($1::bigint[])`,
          [alerts.map(({ alertId }) => alertId), seconds],
        );
      });
    },

    /** Makes the work of alerts due, and seen by the relay at once. */
    async makeDue(alerts: TestAlert[]): Promise<void> {
      await db.query(
        'UPDATE outbox SET run_at = least(run_at, now()), relay_at = now() WHERE id = ANY($1::bigint[])',
        [alerts.map(({ outboxId }) => outboxId)],
      );
    },
  };
}

async function takeApart(db: Database): Promise<void> {
  await db.query(
    `WITH sets AS (DELETE FROM outbox WHERE cardinality(subject_ids) > 1 RETURNING *)
     INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
     SELECT queue, ARRAY[subject], run_at, relay_at FROM sets, unnest(subject_ids) subject ORDER BY subject`,
  );
}

/** Returns `count` different mobile numbers; none has a meaning for the simulator. */
export const mobiles = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `0912${String(from + i).padStart(7, '0')}`);

export const outboxIds = (alerts: TestAlert[]): string[] => alerts.map(({ outboxId }) => outboxId);
