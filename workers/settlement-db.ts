import type { Database, Queryable } from '../core/platform/database';
import { retryWhileUnavailable } from '../core/platform/retry-while-unavailable';

export interface SettlementDependencies {
  db: Database;
  /** Milliseconds that PostgreSQL may be away between a send and its settlement; a minute by default. */
  maxOutageMs?: number;
}

/** Gives the database for statements between a claim and its settlement: they are repeated while PostgreSQL is away. */
export const settlementDb = ({ db, maxOutageMs }: SettlementDependencies): Queryable =>
  retryWhileUnavailable(db, maxOutageMs);
