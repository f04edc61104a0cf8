import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';

export const killWorkersAfterClaim: Fault = {
  name: 'kill-workers-after-claim',
  what: 'kill -9 of the workers, their claims committed and no byte at a provider',
  async strike({ workers, wires: { sms, mail } }) {
    await Promise.all([sms.swallow('there'), mail.swallow('there')]);
    await killAndRestart(workers, async () => {
      sms.pass();
      mail.pass();
    });
  },
};
