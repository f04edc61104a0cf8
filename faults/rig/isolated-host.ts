import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessOverrides, System } from './system';
import { createTcpProxy, type TcpProxy } from './tcp-proxy';

/** A host of its own, which reaches all services over one network that can be cut in both directions. */
export interface IsolatedHost {
  /** The settings of a process that runs on the host. */
  readonly overrides: ProcessOverrides;
  disconnect(): void;
  reconnect(): void;
}

/**
 * Makes a network namespace of the kernel, joined to this one by a pair of virtual network cards: once the link is down, packets
 * vanish and no endpoint is informed. Where the kernel allows no namespace, proxies that drop all bytes take its place.
 */
export async function openIsolatedHost(system: System): Promise<IsolatedHost> {
  const name = `ablagh-${process.pid}`;
  const [here, there] = [`abl${process.pid % 100_000}a`, `abl${process.pid % 100_000}b`];
  const network = `10.213.${(process.pid >> 6) & 255}`;
  const base = (process.pid & 63) * 4;
  const [near, far] = [`${network}.${base + 1}`, `${network}.${base + 2}`];
  const ip = (...words: string[]) => void execFileSync('ip', words, { stdio: 'ignore' });
  try {
    ip('netns', 'add', name);
    process.once('exit', () => ip('netns', 'delete', name));
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
    ip('address', 'add', `${near}/30`, 'dev', here);
    ip('link', 'set', here, 'up');
    ip('-n', name, 'address', 'add', `${far}/30`, 'dev', there);
    ip('-n', name, 'link', 'set', there, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch {
    system.remarks.push('by proxies that drop all bytes: this machine allows no network namespace');
    return hostBehindProxies(await proxiesTo(system, '127.0.0.1'));
  }
  const { env } = await proxiesTo(system, near);
  const execPath = join(system.dataDir, 'isolated-node');
  writeFileSync(execPath, `#!/bin/sh\nexec ip netns exec ${name} '${process.execPath}' "$@"\n`);
  chmodSync(execPath, 0o755);
  return {
    overrides: { env, execPath },
    disconnect: () => ip('link', 'set', here, 'down'),
    reconnect: () => ip('link', 'set', here, 'up'),
  };
}

function hostBehindProxies({ env, proxies }: Awaited<ReturnType<typeof proxiesTo>>): IsolatedHost {
  return {
    overrides: { env },
    disconnect: () => {
      for (const proxy of proxies) void proxy.blackhole('both');
    },
    reconnect: () => {
      for (const proxy of proxies) proxy.passThrough();
    },
  };
}

/** Makes a proxy on `host` for each service, because the services listen on the loopback address only. */
async function proxiesTo(
  { addresses }: System,
  host: string,
): Promise<{ env: NodeJS.ProcessEnv; proxies: TcpProxy[] }> {
  const env: NodeJS.ProcessEnv = {};
  const proxies: TcpProxy[] = [];
  for (const [name, url] of Object.entries(addresses)) {
    const proxy = await createTcpProxy([Number(new URL(url).port)], host);
    proxies.push(proxy);
    env[name] = proxy.proxied(url);
  }
  return { env, proxies };
}
