import { randomUUID } from 'node:crypto';
import { createMeasurements } from '../core/monitoring/measure/measurements';
import { type ObserverDependencies, observe } from '../core/monitoring/measure/observe';
import { createObserverLease } from '../core/monitoring/measure/observer-lease';
import { runPeriodically } from '../core/platform/run-periodically';

/** An account at a provider, whose credit can be asked for. */
export interface Account {
  line: string;
  /** Rial. */
  credit(): Promise<number>;
}

export interface ObserverOptions extends ObserverDependencies {
  accounts: Account[];
  /** Milliseconds from one measurement to the next. */
  tickMs?: number;
}

const CREDIT_EVERY_MS = 60_000;
/** The interval while an account is low on credit: an operator who pays in watches the page until it shows the new credit. */
const LOW_CREDIT_EVERY_MS = 15_000;
/** Measuring rests this many times as long as it kept PostgreSQL busy, and so costs less than 1 %. */
const DATABASE_REST_FACTOR = 100;
/** The rest after counting jobs where BullMQ works on PostgreSQL: a dozen queues must not delay all other figures. */
const QUEUES_REST_FACTOR = 200;
/** The longest rest: readers take figures older than a minute as a sign that no process measures any more. */
const MAX_REST_MS = 50_000;

/**
 * Measures the system while this process holds the observer's lease, and stands by while another does. A process that dies or
 * freezes is replaced half a minute later.
 */
export function startObserver({ accounts, tickMs = 5_000, ...deps }: ObserverOptions) {
  const { db, log } = deps;
  const lease = createObserverLease(db, randomUUID());
  const credit = createCreditWatch(accounts, deps);
  let restsUntil = 0;
  let queuesRestUntil = 0;
  const observing = runPeriodically(tickMs, 'observe', log, async () => {
    if (!(await lease.hold())) return;
    credit.ask();
    if (performance.now() < restsUntil) return;
    const countsJobs = performance.now() >= queuesRestUntil;
    const busy = await observe(deps, countsJobs);
    const now = performance.now();
    restsUntil = now + Math.min(MAX_REST_MS, DATABASE_REST_FACTOR * busy.databaseMs);
    if (countsJobs) queuesRestUntil = now + Math.min(MAX_REST_MS, QUEUES_REST_FACTOR * busy.queuesMs);
  });
  return {
    async close(): Promise<void> {
      await observing.close();
      await credit.answered();
      // While PostgreSQL is away no process can take over; when it is back, the lease has expired.
      await lease.release().catch(() => {});
    },
  };
}

/** Asks for the credit at intervals, beside all other measurements: a provider may be slow to answer. */
function createCreditWatch(accounts: Account[], { db, log, lowCreditRials }: ObserverDependencies) {
  let askedAt = Number.NEGATIVE_INFINITY;
  let isLow = false;
  let asking = Promise.resolve();
  const askAll = async (): Promise<void> => {
    const answers = await Promise.allSettled(accounts.map((account) => account.credit()));
    const credit = accounts.map(({ line }, i) => {
      const answer = answers[i];
      return [line, answer?.status === 'fulfilled' ? answer.value : null] as const;
    });
    isLow = credit.some(([, rials]) => rials !== null && rials < lowCreditRials);
    await createMeasurements(db).store({ credit: Object.fromEntries(credit) });
  };
  return {
    ask(): void {
      if (performance.now() - askedAt < (isLow ? LOW_CREDIT_EVERY_MS : CREDIT_EVERY_MS)) return;
      askedAt = performance.now();
      asking = askAll().catch((error: Error) => {
        log.warn({ error: error.name }, 'credit could not be written down');
      });
    },
    answered: () => asking,
  };
}
