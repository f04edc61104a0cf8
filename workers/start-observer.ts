import { randomUUID } from 'node:crypto';
import { createMeasurements } from '../core/monitoring/measure/measurements';
import { type ObserverDependencies, observe } from '../core/monitoring/measure/observe';
import { createObserverLease } from '../core/monitoring/measure/observer-lease';
import { runPeriodically } from '../core/platform/run-periodically';

/** An account whose credit can be asked for. */
export interface Account {
  line: string;
  /** Rial. */
  credit(): Promise<number>;
}

export interface ObserverOptions extends ObserverDependencies {
  accounts: Account[];
  /** Milliseconds from one look to the next. */
  tickMs?: number;
}

const CREDIT_EVERY_MS = 60_000;
/** While an account is short of it: whoever pays in looks at the page until it tells so. */
const LOW_CREDIT_EVERY_MS = 15_000;
/** PostgreSQL rests this many times as long as the last measuring kept it busy: so it costs less than 1 %. */
const DATABASE_REST_FACTOR = 100;
/** The same of counting jobs, where BullMQ works on PostgreSQL: a dozen queues must not hold up all other figures. */
const QUEUES_REST_FACTOR = 200;
/** Whoever sees figures older than a minute takes it that nobody measures any more. */
const MAX_REST_MS = 50_000;

/**
 * Observes the system while this process is the one to do so, and stands by while another is. One that dies or
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
      // While PostgreSQL is away nobody can take over; when it is back, the lease has run out.
      await lease.release().catch(() => {});
    },
  };
}

/** Asks for the credit now and then, beside everything else: a provider may be slow to answer. */
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
