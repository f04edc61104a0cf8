import type { Fault } from './rig/fault';

export const killEverything: Fault = {
  name: 'kill-everything',
  description: 'kill -9 of the API, the workers, PostgreSQL and Redis at once',
  async inject({ apis, workers, postgres, redis }) {
    await Promise.all([...[...apis, ...workers].map((child) => child.kill()), postgres.kill(), redis.kill()]);
    for (const child of [...apis, ...workers]) child.start();
    await Promise.all([postgres.start(), redis.start()]);
  },
};
