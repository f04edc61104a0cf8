import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const LOST_MS = 15_000;
/** SMS the other line must send while calls to the lost line occupy most of the workers' slots. */
const MIN_SENT_BY_OTHER_LINE = 20;

export const lineLost: Fault = {
  name: 'line-lost',
  description: 'one of two lines to the SMS provider takes messages, and no answer comes back',
  systemOptions: { secondLine: true },
  async inject({ proxies, secondLine, ledger }) {
    await proxies.sms.blackhole('downstream');
    const before = secondLine.count();
    await delay(LOST_MS);
    const sent = secondLine.count() - before;
    proxies.sms.passThrough();
    if (sent < MIN_SENT_BY_OTHER_LINE)
      ledger.violations.push(`the other line sent ${sent} messages meanwhile`);
  },
};
