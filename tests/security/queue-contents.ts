import { Redis } from 'ioredis';
import type { Database } from '../../core/platform/database';

/** The contents of the queues at one moment, each value by its place. */
export type QueueContents = Map<string, string>;

/** Reads everything a Redis holds, of every type. */
export async function readRedisContents(url: string): Promise<QueueContents> {
  const redis = new Redis(url);
  const contents: QueueContents = new Map();
  try {
    for (const key of await redis.keys('*')) {
      const fields = await readKey(redis, key);
      for (const [field, value] of fields) contents.set(field === '' ? key : `${key} ${field}`, value);
    }
    return contents;
  } finally {
    redis.disconnect();
  }
}

async function readKey(redis: Redis, key: string): Promise<[string, string][]> {
  const whole = (value: unknown): [string, string][] => [['', JSON.stringify(value)]];
  const type = await redis.type(key);
  if (type === 'hash') return Object.entries(await redis.hgetall(key));
  if (type === 'string') return whole(await redis.get(key));
  if (type === 'list') return whole(await redis.lrange(key, 0, -1));
  if (type === 'set') return whole(await redis.smembers(key));
  if (type === 'zset') return whole(await redis.zrange(key, 0, -1));
  if (type === 'stream') return whole(await redis.xrange(key, '-', '+'));
  // The key was deleted meanwhile.
  if (type === 'none') return [];
  throw new Error(`what is a ${type}?`);
}

/** Reads everything BullMQ holds in PostgreSQL: every row of its tables, column by column. */
export async function readPostgresContents(db: Database): Promise<QueueContents> {
  const tables = await db.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'bullmq'`,
  );
  const contents: QueueContents = new Map();
  for (const { name } of tables) {
    const rows = await db.query<{ row: Record<string, unknown> }>(
      `SELECT row_to_json(t) AS row FROM bullmq.${name} t`,
    );
    rows.forEach(({ row }, i) => {
      for (const [column, value] of Object.entries(row)) {
        const place = row.queue && row.id ? `ablagh:${row.queue}:${row.id}` : `${name} ${i}`;
        contents.set(`${place} ${column}`, JSON.stringify(value));
      }
    });
  }
  return contents;
}

/** Records every command a Redis receives from any client, until it is closed. */
export async function monitorRedis(url: string) {
  const redis = new Redis(url);
  const monitor = await redis.monitor();
  const commands: string[] = [];
  monitor.on('monitor', (_time: string, args: string[], _source: string, database: string) => {
    if (database === new URL(url).pathname.slice(1)) commands.push(args.join(' '));
  });
  return {
    commands,
    close() {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}
