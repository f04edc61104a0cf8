import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';

export const killApiAfterCommit: Fault = {
  name: 'kill-api-after-commit',
  what: 'kill -9 of the API, its notices committed and its answers not there yet',
  async strike({ apis, wires }) {
    await wires.api.swallow('back');
    await killAndRestart(apis, async () => wires.api.pass());
  },
};
