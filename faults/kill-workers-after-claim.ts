import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';

export const killWorkersAfterClaim: Fault = {
  name: 'kill-workers-after-claim',
  description: 'kill -9 of the workers, their claims committed and no byte at a provider',
  async inject({ workers, proxies: { sms, mail } }) {
    await Promise.all([sms.blackhole('upstream'), mail.blackhole('upstream')]);
    await killAndRestart(workers, async () => {
      sms.passThrough();
      mail.passThrough();
    });
  },
};
