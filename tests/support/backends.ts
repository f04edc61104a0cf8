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

/** The queue backends of this run, for `describe.each(backends)('… on $name', ({ open }) => …)`. */
export const backends: TestBackend[] = redisUrl ? [postgres, onRedis(redisUrl)] : [postgres];
