import { registerGauges } from '../core/monitoring/gauges';
import { startHeartbeat } from '../core/monitoring/start-heartbeat';
import { createAcceptDependencies } from '../core/notices/accept-notices';
import { createAcceptor } from '../core/notices/acceptor';
import { openAttachmentStore } from '../core/notices/attachment-store';
import type { Config } from '../core/platform/config';
import { createDatabase } from '../core/platform/database';
import { AblaghError, codeOf } from '../core/platform/errors';
import { createLog, type Log } from '../core/platform/log';
import { createMetrics } from '../core/platform/metrics';
import { createPostgresQueueBackend } from '../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../core/platform/queue-backend';
import { createRedisQueueBackend } from '../core/platform/redis-queue-backend';
import { type App, buildApp } from './app';

export type ApiConfig = Config<'DATABASE_URL' | 'SECRET_KEY'>;

export interface ApiOptions {
  /** Adds routes beside the API before it listens, such as the page of the simulators. */
  extend?: (app: App) => Promise<void>;
  /** Called after a commit that left work in the outbox, so that a relay in the same process need not poll. */
  kick?: () => void;
  log?: Log;
}

export interface Api {
  /** The address it listens at, such as `http://127.0.0.1:3000`. */
  address: string;
  /** Stops listening, finishes the requests in flight, then closes its connections. */
  close(): Promise<void>;
}

/**
 * Builds and starts the API. PostgreSQL and Redis may be away: `/readyz` reports it, and the API works once they are back.
 *
 * @throws AblaghError `port_in_use` when the port is taken; the message says how to choose another
 */
export async function startApi(config: ApiConfig, options: ApiOptions = {}): Promise<Api> {
  const log = options.log ?? createLog('api', config.LOG_LEVEL);
  const db = createDatabase(config.DATABASE_URL, { max: config.DATABASE_POOL, name: 'ablagh-api' });
  const queue = openQueueBackend(config, log);
  const metrics = createMetrics();
  registerGauges(metrics, db);
  const acceptance = createAcceptDependencies(config, {
    db,
    log,
    countAccepted: metrics.countAccepted,
    attachments: await openAttachmentStore(config.ATTACHMENTS_URL, config.DATA_DIR),
    ...(options.kick && { kick: options.kick }),
  });
  const app = await buildApp({
    config,
    db,
    backend: queue.backend,
    acceptance,
    acceptor: createAcceptor(acceptance),
    metrics,
    log,
  });
  const heartbeat = startHeartbeat({ db, metrics, log, kind: 'api', data: { node: process.version } });
  const close = async (): Promise<void> => {
    await app.close();
    await heartbeat.close();
    await queue.close();
    await db.close();
  };
  try {
    await options.extend?.(app);
    const address = await app.listen({ host: config.HOST, port: config.PORT });
    return { address, close };
  } catch (error) {
    await close();
    throw explainListenError(error, config);
  }
}

/** Opens the queue backend. BullMQ on PostgreSQL gets connections of its own, so that queue work never waits for requests. */
function openQueueBackend(config: ApiConfig, log: Log): { backend: QueueBackend; close(): Promise<void> } {
  if (config.REDIS_URL) {
    const backend = createRedisQueueBackend(config.REDIS_URL, log);
    return { backend, close: () => backend.close() };
  }
  const db = createDatabase(config.DATABASE_URL, { max: 2, name: 'ablagh-api-queue' });
  const backend = createPostgresQueueBackend(db.pool, log);
  return {
    backend,
    async close() {
      await backend.close();
      await db.close();
    },
  };
}

function explainListenError(error: unknown, { HOST, PORT }: ApiConfig): unknown {
  if (codeOf(error) !== 'EADDRINUSE') return error;
  const message = `${HOST}:${PORT} is in use by another process. Stop it, or choose another port with PORT=${PORT + 1}.`;
  return new AblaghError('port_in_use', message, { cause: error });
}
