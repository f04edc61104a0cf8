import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { openIsolatedHost } from './rig/isolated-host';

const CUT_MS = 20_000;

export const networkCut: Fault = {
  name: 'network-cut',
  description: 'the network of one of two hosts with workers is cut for 20 s, and nobody is told',
  async inject(system) {
    const island = await openIsolatedHost(system);
    const child = system.addWorkers(island.overrides);
    child.start();
    await child.ready();
    await delay(2_000);
    island.disconnect();
    await delay(CUT_MS);
    island.reconnect();
  },
};
