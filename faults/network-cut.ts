import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { openIsland } from './rig/island';

const CUT_MS = 20_000;

export const networkCut: Fault = {
  name: 'network-cut',
  what: 'the network of one of two hosts with workers is cut for 20 s, and nobody is told',
  async strike(system) {
    const island = await openIsland(system);
    const host = system.addWorkers(island.change);
    host.start();
    await host.ready();
    await delay(2_000);
    island.cut();
    await delay(CUT_MS);
    island.mend();
  },
};
