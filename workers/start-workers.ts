import { startHeartbeat } from '../core/monitoring/start-heartbeat';
import { createAcceptDependencies } from '../core/notices/accept-notices';
import { createAcceptor } from '../core/notices/acceptor';
import type { Log } from '../core/platform/log';
import type { Closable } from '../core/platform/shutdown';
import { openResources, type WorkersConfig } from './open-resources';
import { startRelay } from './relay';
import { serveHealth } from './serve-health';
import { startObserver } from './start-observer';
import { startPeriodicTasks } from './start-periodic-tasks';
import { startQueueWorkers } from './start-queue-workers';

/**
 * Builds and starts everything of a workers process. It also starts while PostgreSQL or Redis is away: work begins when they
 * are back.
 *
 * @returns what to close, in this order
 */
export async function startWorkers(config: WorkersConfig, log: Log): Promise<Closable[]> {
  const resources = await openResources(config, log);
  const { db, backend, metrics, attachments, lines } = resources;
  const relay = startRelay({ db, backend, log, metrics });
  const kick = () => relay.kick();
  const { countAccepted } = metrics;
  const acceptor = createAcceptor(
    createAcceptDependencies(config, { db, attachments, kick, countAccepted, log }),
  );
  const workers = startQueueWorkers(config, resources, acceptor);
  const tasks = startPeriodicTasks(config, resources, kick);
  const observer = startObserver({
    db,
    backend,
    log,
    lowCreditRials: config.CREDIT_LOW_RIALS,
    accounts: lines,
  });
  const data = { node: process.version, queues: backend.kind };
  const heartbeat = startHeartbeat({ db, metrics, log, kind: 'workers', data });
  const health = await serveHealth(config, metrics);
  log.info({ queues: backend.kind, workers: workers.length }, 'workers are ready');
  return [
    ...tasks,
    { name: 'observer', close: () => observer.close() },
    { name: 'relay', close: () => relay.close() },
    { name: 'workers', close: () => Promise.all(workers.map((worker) => worker.close())) },
    { name: 'heartbeat', close: () => heartbeat.close() },
    { name: 'health', close: () => health?.close() },
    ...resources.closables,
  ];
}
