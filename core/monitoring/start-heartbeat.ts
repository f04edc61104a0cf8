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

/** Lets operators see this process: it gives signs of life, and adds what it counts to the traffic of all. */
export function startHeartbeat({ db, metrics, log, kind, data }: HeartbeatDependencies): {
  close(): Promise<void>;
} {
  const id = randomUUID();
  const processes = createProcesses(db);
  const flush = createTrafficFlush(metrics, db);
  const showing = runPeriodically(HEARTBEAT_INTERVAL_MS, 'show', log, async () => {
    await processes.beat({ id, kind, host: hostname(), pid: process.pid, data });
    await flush();
  });
  return {
    /** To be called when nothing more is counted. Stops nobody else from closing while PostgreSQL is away. */
    async close() {
      await showing.close();
      try {
        await flush();
        await processes.remove(id);
      } catch (error) {
        log.warn({ error: (error as Error).name }, 'the last counts are lost');
      }
    },
  };
}
