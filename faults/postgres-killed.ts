import type { Fault } from './rig/fault';

export const postgresKilled: Fault = {
  name: 'postgres-killed',
  description: 'kill -9 of every process of PostgreSQL',
  async inject({ postgres }) {
    await postgres.kill();
    await postgres.start();
  },
};
