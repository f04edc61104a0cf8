import { randomUUID } from 'node:crypto';
import type { Database } from '../../core/platform/database';
import { createLog } from '../../core/platform/log';
import { createPostgresQueueBackend } from '../../core/platform/postgres-queue-backend';
import type { QueueBackend } from '../../core/platform/queue-backend';
import { createRedisQueueBackend } from '../../core/platform/redis-queue-backend';

export interface TestBackend {
  name: 'postgres' | 'redis';
  /**
   * Opens a backend with empty queues: in the database, or under a Redis prefix of its own. The caller closes it before the
   * database. On Redis its calls fail until it is connected: `warmUp` awaits that.
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

/** Describes tests that need a Redis; without one they are skipped, and counted as skipped. */
export const describeWithRedis = redisUrl ? describe : describe.skip;

/** Describes the same tests on each backend, named by `$name` in the title; without a Redis its half is skipped. */
export function describeOnBackends(title: string, tests: (backend: TestBackend) => void): void {
  describe(title.replace('$name', postgres.name), () => tests(postgres));
  const redis = onRedis(redisUrl ?? '');
  describeWithRedis(title.replace('$name', redis.name), () => tests(redis));
}
