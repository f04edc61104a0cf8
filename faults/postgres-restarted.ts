import type { Fault } from './rig/fault';

export const postgresRestarted: Fault = {
  name: 'postgres-restarted',
  description: 'PostgreSQL is stopped in order and started again',
  async inject({ postgres }) {
    await postgres.stop();
    await postgres.start();
  },
};
