import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';

const KILLS = 5;
const MAX_LIFETIME_MS = 2_500;

export const killWorkersAtRandom: Fault = {
  name: 'kill-workers-at-random',
  description: 'kill -9 of the workers at any moment, five times in a row',
  async inject({ workers }) {
    for (let i = 0; i < KILLS; i += 1) {
      await Promise.all(workers.map((child) => child.ready()));
      await delay(Math.random() * MAX_LIFETIME_MS);
      await killAndRestart(workers);
    }
  },
};
