import type { RedisOptions } from 'bullmq';

/** Time a Sentinel may take for an answer before the next one is asked. */
const SENTINEL_TIMEOUT_MS = 1_000;
const SENTINEL_PATTERN = /^(\[[\da-f:.]+\]|[^\s:[\]]+):(\d{1,5})$/i;

/**
 * Turns a Redis address into options of ioredis. With `?sentinels=host:port,host:port`, the Sentinels are asked for the current main
 * server, and the host of the address is the name they watch it under: the connection follows a failover.
 */
export function redisOptions(address: string): RedisOptions {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  const sentinels = searchParams.get('sentinels');
  const isSecret = protocol === 'rediss:';
  return {
    ...(sentinels
      ? { ...sentinelOptions(sentinels, host), ...(isSecret && TLS_WITH_SENTINELS) }
      : { host, port: Number(port || 6379) }),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
    ...(isSecret && { tls: {} }),
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 10), 2_000),
    connectTimeout: 3_000,
  };
}

const TLS_WITH_SENTINELS: RedisOptions = { sentinelTLS: {}, enableTLSForSentinelMode: true };

/** Tells whether the Sentinels of an address are `host:port` each, and the name they watch is there; true without Sentinels. */
export function hasUsableSentinels(address: string): boolean {
  const { hostname, searchParams } = new URL(address);
  const list = searchParams.get('sentinels');
  const isUsable = (one: string) => Number(SENTINEL_PATTERN.exec(one)?.[2] ?? Infinity) <= 65_535;
  return list === null || (hostname !== '' && list.split(',').every(isUsable));
}

const sentinelOptions = (list: string, name: string): RedisOptions => ({
  name,
  sentinels: list.split(',').map((one) => {
    const [, host = '', port] = SENTINEL_PATTERN.exec(one) ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  }),
  sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
});
