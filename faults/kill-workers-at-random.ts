import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';

const TIMES = 5;
const LONGEST_LIFE_MS = 2_500;

export const killWorkersAtRandom: Fault = {
  name: 'kill-workers-at-random',
  what: 'kill -9 of the workers at any moment, five times in a row',
  async strike({ workers }) {
    for (let i = 0; i < TIMES; i += 1) {
      await Promise.all(workers.map((host) => host.ready()));
      await delay(Math.random() * LONGEST_LIFE_MS);
      await killAndRestart(workers);
    }
  },
};
