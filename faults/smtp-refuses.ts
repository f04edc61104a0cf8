import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const REFUSES_MS = 8_000;

export const smtpRefuses: Fault = {
  name: 'smtp-refuses',
  description: 'the mail server refuses connections, and some recipients for good (550)',
  async inject({ smtp, proxies }) {
    await proxies.mail.disconnect();
    await delay(REFUSES_MS / 2);
    smtp.setBehaviour(({ stage, to: [recipient = ''] }) =>
      stage === 'rcpt' && /[05]@/.test(recipient) ? { code: 550 } : 'pass',
    );
    await proxies.mail.reconnect();
    await delay(REFUSES_MS / 2);
    smtp.setBehaviour();
  },
};
