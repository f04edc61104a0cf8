import { setTimeout as delay } from 'node:timers/promises';
import { createHttpClient } from '../../client';
import type { Database } from '../../core/platform/database';
import type { AcknowledgedNotice, Ledger } from './ledger';
import { type LoadGenerator, startLoad } from './load-generator';
import type { Population } from './population';
import { createWebClient, type WebClient } from './web-client';

/** Milliseconds between two views, two permits, and two looks at the feed. */
const INTERVALS_MS = { view: 400, permit: 900, feed: 800 };
/** Seconds the shortest permit holds, and how many longer ones there are. */
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
 * Employers who open their notices and issue permits that soon run out, a government body that uses the
 * permits before and after their end, and the sender who follows the feed.
 */
export function startReaders({ apiUrl, db, population, ledger }: ReadersOptions): LoadGenerator[] {
  const pages = createWebClient(apiUrl, population);
  const http = createHttpClient({ url: apiUrl, apiKey: population.apiKey, timeout: 8_000, retries: 0 });
  const seen = new Set<string>();
  let cursor: string | null = null;
  let asking = false;

  const follow = async () => {
    if (asking) return;
    asking = true;
    try {
      const page = await http.events({ after: cursor, limit: 500 });
      ledger.feed.push(...page.events);
      cursor = page.next;
    } finally {
      asking = false;
    }
  };
  const pick = (n: number): AcknowledgedNotice | undefined => {
    const known = ledger.acknowledged();
    return known[(n * 7) % known.length];
  };
  const withPermit = async (n: number) => {
    const notice = ledger.acknowledged().findLast(({ answer }) => !seen.has(answer.id));
    if (!notice) return;
    seen.add(notice.answer.id);
    await usePermit({ db, pages, ledger }, notice, SHORTEST_PERMIT_SECONDS + (n % PERMIT_LENGTHS));
  };
  // Whoever looks at a page while the plug is out sees no page: that is nobody's fault.
  const nothing = () => {};
  return [
    startLoad(INTERVALS_MS.view, async (n) => view(pages, ledger, pick(n)), nothing),
    startLoad(INTERVALS_MS.permit, withPermit, nothing),
    startLoad(INTERVALS_MS.feed, follow, nothing),
  ];
}

async function view(
  pages: WebClient,
  { views }: Ledger,
  notice: AcknowledgedNotice | undefined,
): Promise<void> {
  if (!notice) return;
  const { id } = notice.answer;
  const entry = views.get(id) ?? { attempts: 0, firstAttemptAt: Date.now(), shown: 0, firstShownAt: null };
  views.set(id, entry);
  entry.attempts += 1;
  await pages.viewNotice(notice);
  entry.shown += 1;
  entry.firstShownAt ??= Date.now();
}

/** Issues a permit as its owner, lets it run out soon, and uses it while it holds and twice when it is over. */
async function usePermit(
  { db, pages, ledger }: { db: Database; pages: WebClient; ledger: Ledger },
  notice: AcknowledgedNotice,
  seconds: number,
): Promise<void> {
  const noticeId = notice.answer.id;
  const passcode = await pages.issuePermit(notice);
  const [permit] = await db.query<{ id: string; expiresAt: Date }>(EXPIRE_SOON_SQL, [noticeId, seconds]);
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
    const status = await pages.inquire(notice.nationalId, passcode).catch(() => 0);
    entry.uses.push({ requestedAt, status });
  };
  await use();
  await delay(expiresAt + SECOND_MS / 10 - Date.now());
  await use();
  await delay(SECOND_MS);
  await use();
}

/** Permits are issued for days; the rig has none to wait. */
const EXPIRE_SOON_SQL = `
  WITH permit AS (
    UPDATE permits SET expires_at = now() + make_interval(secs => $2)
     WHERE notice_id = $1 AND state = 'active' RETURNING id, expires_at),
  work AS (
    UPDATE outbox o SET run_at = permit.expires_at, relay_at = now()
      FROM permit WHERE o.queue = 'permits' AND o.subject_ids[1] = permit.id)
  SELECT id, expires_at AS "expiresAt" FROM permit`;
