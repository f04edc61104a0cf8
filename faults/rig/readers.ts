import { setTimeout as delay } from 'node:timers/promises';
import { createHttpClient } from '../../client';
import type { Database } from '../../core/platform/database';
import { statement } from '../../core/platform/statement';
import type { AcknowledgedNotice, Ledger } from './ledger';
import { type LoadGenerator, startLoad } from './load-generator';
import type { Population } from './population';
import { createWebClient, type WebClient } from './web-client';

/** Milliseconds between two views, two permits, and two reads of the feed. */
const INTERVALS_MS = { view: 400, permit: 900, feed: 800 };
/** Seconds for which the shortest permit is valid, and the number of different lengths. */
const SHORTEST_PERMIT_SECONDS = 2;
const PERMIT_LENGTHS = 4;
const SECOND_MS = 1_000;

export interface ReadersOptions {
  apiUrl: string;
  db: Database;
  population: Population;
  ledger: Ledger;
}

/**
 * Starts employers who open their notices and issue permits that soon expire, a government body that uses the permits before and
 * after their end, and the sender who follows the feed.
 */
export function startReaders({ apiUrl, db, population, ledger }: ReadersOptions): LoadGenerator[] {
  const client = createWebClient(apiUrl, population);
  const http = createHttpClient({ url: apiUrl, apiKey: population.apiKey, timeout: 8_000, retries: 0 });
  const shared = new Set<string>();
  let cursor: string | null = null;
  let reading = false;

  const follow = async () => {
    if (reading) return;
    reading = true;
    try {
      const page = await http.events({ after: cursor, limit: 500 });
      ledger.feed.push(...page.events);
      cursor = page.next;
    } finally {
      reading = false;
    }
  };
  const pick = (n: number): AcknowledgedNotice | undefined => {
    const known = ledger.acknowledged();
    return known[(n * 7) % known.length];
  };
  const withPermit = async (n: number) => {
    const notice = ledger.acknowledged().findLast(({ answer }) => !shared.has(answer.id));
    if (!notice) return;
    shared.add(notice.answer.id);
    await usePermit({ db, client, ledger }, notice, SHORTEST_PERMIT_SECONDS + (n % PERMIT_LENGTHS));
  };
  // A reader may get no page during the fault, which breaks no promise.
  const ignore = () => {};
  return [
    startLoad(INTERVALS_MS.view, async (n) => view(client, ledger, pick(n)), ignore),
    startLoad(INTERVALS_MS.permit, withPermit, ignore),
    startLoad(INTERVALS_MS.feed, follow, ignore),
  ];
}

async function view(
  client: WebClient,
  { views }: Ledger,
  notice: AcknowledgedNotice | undefined,
): Promise<void> {
  if (!notice) return;
  const { id } = notice.answer;
  const entry = views.get(id) ?? { attempts: 0, firstAttemptAt: Date.now(), shown: 0, firstShownAt: null };
  views.set(id, entry);
  entry.attempts += 1;
  await client.viewNotice(notice);
  entry.shown += 1;
  entry.firstShownAt ??= Date.now();
}

/** Permits are issued for days, which the rig cannot wait. */
const EXPIRE_SOON = statement<{ id: string; expiresAt: Date }>(
  'faults-expire-soon',
  `WITH permit AS (
     UPDATE permits SET expires_at = now() + make_interval(secs => :seconds)
      WHERE notice_id = :noticeId AND state = 'active' RETURNING id, expires_at),
   work AS (
     UPDATE outbox o SET run_at = permit.expires_at, relay_at = now()
       FROM permit WHERE o.queue = 'permits' AND o.subject_ids[1] = permit.id)
   SELECT id, expires_at AS "expiresAt" FROM permit`,
  { id: 'int8', expiresAt: 'timestamptz' },
);

/** Issues a permit as its owner, lets it expire soon, and uses it once while it is valid and twice afterwards. */
async function usePermit(
  { db, client, ledger }: { db: Database; client: WebClient; ledger: Ledger },
  notice: AcknowledgedNotice,
  seconds: number,
): Promise<void> {
  const noticeId = notice.answer.id;
  const passcode = await client.issuePermit(notice);
  const [permit] = await db.query(EXPIRE_SOON, { noticeId, seconds });
  if (!permit) throw new Error('the permit is gone already');
  const expiresAt = permit.expiresAt.getTime();
  const entry = {
    permitId: permit.id,
    noticeId,
    expiresAt,
    uses: [] as { requestedAt: number; status: number }[],
  };
  ledger.permits.push(entry);
  const use = async () => {
    const requestedAt = Date.now();
    const status = await client.inquire(notice.nationalId, passcode).catch(() => 0);
    entry.uses.push({ requestedAt, status });
  };
  await use();
  await delay(expiresAt + SECOND_MS / 10 - Date.now());
  await use();
  await delay(SECOND_MS);
  await use();
}
