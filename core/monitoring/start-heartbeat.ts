import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Queryable } from '../platform/database';
import type { Log } from '../platform/log';
import type { Metrics } from '../platform/metrics';
import { runPeriodically } from '../platform/run-periodically';
import { createProcesses, type Heartbeat } from './processes';
import { createTrafficFlush } from './traffic/traffic-flush';

export interface HeartbeatDependencies extends Pick<Heartbeat, 'kind' | 'data'> {
  db: Queryable;
  metrics: Pick<Metrics, 'readTraffic'>;
  log: Log;
}

const HEARTBEAT_INTERVAL_MS = 5_000;

/**
 * Makes this process visible to operators: every five seconds it records a heartbeat and adds its counts to the shared
 * traffic table.
 */
export function startHeartbeat({ db, metrics, log, kind, data }: HeartbeatDependencies): {
  close(): Promise<void>;
} {
  const id = randomUUID();
  const processes = createProcesses(db);
  const flush = createTrafficFlush(metrics, db);
  const beating = runPeriodically(HEARTBEAT_INTERVAL_MS, 'show', log, async () => {
    await processes.beat({ id, kind, host: hostname(), pid: process.pid, data });
    await flush();
  });
  return {
    /**
     * Writes the last counts and removes the process's row; call it when nothing more is counted. An error is logged only,
     * so that the shutdown goes on while PostgreSQL is away.
     */
    async close() {
      await beating.close();
      try {
        await flush();
        await processes.remove(id);
      } catch (error) {
        log.warn({ error: (error as Error).name }, 'the last counts are lost');
      }
    },
  };
}
