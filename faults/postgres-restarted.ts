import type { Fault } from './rig/fault';

export const postgresRestarted: Fault = {
  name: 'postgres-restarted',
  what: 'PostgreSQL is stopped in order and started again',
  async strike({ postgres }) {
    await postgres.stop();
    await postgres.start();
  },
};
