import { randomUUID } from 'node:crypto';
import type { Database } from '../../core/platform/database';
import { createLog } from '../../core/platform/log';
import { createPostgresQueueBackend } from '../../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { createRedisQueueBackend } from '../../core/platform/redis-queue-backend';

export interface TestBackend {
  name: 'postgres' | 'redis';
  /**
   * A backend with empty queues: those in the database, or of a Redis prefix nobody else uses. Whoever opens
   * it closes it, before the database. On Redis its calls fail until it is connected: `warmUp` awaits that.
   */
  open(db: Database): QueueBackend;
}

const log = createLog('test', 'silent');

const postgres: TestBackend = { name: 'postgres', open: (db) => createPostgresQueueBackend(db.pool, log) };

const onRedis = (url: string): TestBackend => ({
  name: 'redis',
  open: () => createRedisQueueBackend(url, log, `test-${randomUUID()}`),
});

const redisUrl = process.env.TEST_REDIS_URL;

/** Describes what needs a Redis; without one it is skipped, and counted so. */
export const describeWithRedis = redisUrl ? describe : describe.skip;

/** Describes the same of the queue on each backend, named by `$name` in the title; on Redis as above. */
export function describeOnBackends(title: string, tests: (backend: TestBackend) => void): void {
  describe(title.replace('$name', postgres.name), () => tests(postgres));
  const redis = onRedis(redisUrl ?? '');
  describeWithRedis(title.replace('$name', redis.name), () => tests(redis));
}
