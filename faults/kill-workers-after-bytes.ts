import type { Fault } from './rig/fault';
import { killAndRestart } from './rig/kill-at';
import { until } from './rig/until';

export const killWorkersAfterBytes: Fault = {
  name: 'kill-workers-after-bytes',
  description: 'kill -9 of the workers, their messages at the providers and no answer yet',
  async inject({ workers, kavenegar, smtp }) {
    const received = { sms: 0, emails: 0 };
    kavenegar.setBehaviour(({ messages }) => {
      received.sms += messages.length;
      return messages.length > 0 ? 'silent' : 'pass';
    });
    smtp.setBehaviour(({ stage }) => {
      if (stage !== 'data') return 'pass';
      received.emails += 1;
      return 'silent';
    });
    await until('both providers have messages', () => received.sms > 0 && received.emails > 0);
    await killAndRestart(workers, async () => {
      kavenegar.setBehaviour();
      smtp.setBehaviour();
    });
  },
};
