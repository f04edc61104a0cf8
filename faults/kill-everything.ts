import type { Fault } from './rig/fault';

export const killEverything: Fault = {
  name: 'kill-everything',
  description: 'kill -9 of the API, the workers, PostgreSQL and Redis at once',
  async inject({ apis, workers, postgres, redis }) {
    await Promise.all([...[...apis, ...workers].map((host) => host.kill()), postgres.kill(), redis.kill()]);
    for (const host of [...apis, ...workers]) host.start();
    await Promise.all([postgres.start(), redis.start()]);
  },
};
