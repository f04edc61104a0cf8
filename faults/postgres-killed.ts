import type { Fault } from './rig/fault';

export const postgresKilled: Fault = {
  name: 'postgres-killed',
  what: 'kill -9 of every process of PostgreSQL',
  async strike({ postgres }) {
    await postgres.kill();
    await postgres.start();
  },
};
