import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';

export const killApiAfterCommit: Fault = {
  name: 'kill-api-after-commit',
  description: 'kill -9 of the API, its notices committed and its answers not there yet',
  async inject({ apis, proxies }) {
    await proxies.api.blackhole('downstream');
    await killAndRestart(apis, async () => proxies.api.passThrough());
  },
};
