import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessOverrides, System } from './system';
import { createTcpProxy, type TcpProxy } from './tcp-proxy';

/** A host of its own, which reaches everything over one network that can be cut in both directions. */
export interface IsolatedHost {
  /** What a process that is to live there is started with. */
  readonly overrides: ProcessOverrides;
  disconnect(): void;
  reconnect(): void;
}

/**
 * A network namespace of the kernel, joined to this one by a pair of virtual cards: once that is down, packets
 * go nowhere and nobody is told. Where the kernel does not let us make one, wires that swallow everything.
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
    system.remarks.push('by proxies that swallow everything: no network namespace could be had');
    return hostBehindProxies(await proxiesTo(system, '127.0.0.1'));
  }
  const { env } = await proxiesTo(system, near);
  const execPath = join(system.dataDir, 'node-on-the-island');
  writeFileSync(execPath, `#!/bin/sh\nexec ip netns exec ${name} '${process.execPath}' "$@"\n`);
  chmodSync(execPath, 0o755);
  return {
    overrides: { env, execPath },
    disconnect: () => ip('link', 'set', here, 'down'),
    reconnect: () => ip('link', 'set', here, 'up'),
  };
}

function hostBehindProxies({ env, wires }: Awaited<ReturnType<typeof proxiesTo>>): IsolatedHost {
  return {
    overrides: { env },
    disconnect: () => {
      for (const wire of wires) void wire.blackhole('both');
    },
    reconnect: () => {
      for (const wire of wires) wire.passThrough();
    },
  };
}

/** Everything listens on the loopback address alone, so each service gets a wire that ends on `host`. */
async function proxiesTo(
  { addresses }: System,
  host: string,
): Promise<{ env: NodeJS.ProcessEnv; wires: TcpProxy[] }> {
  const env: NodeJS.ProcessEnv = {};
  const wires: TcpProxy[] = [];
  for (const [name, url] of Object.entries(addresses)) {
    const wire = await createTcpProxy([Number(new URL(url).port)], host);
    wires.push(wire);
    env[name] = wire.proxied(url);
  }
  return { env, wires };
}
