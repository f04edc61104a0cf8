import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const LOST_MS = 15_000;
/** What the other line must get through while calls to the lost one hold most hands of the workers. */
const AT_LEAST = 20;

export const lineLost: Fault = {
  name: 'line-lost',
  what: 'one of two lines to the SMS provider takes messages, and no answer comes back',
  setting: { secondLine: true },
  async strike({ wires, secondLine, ledger }) {
    await wires.sms.swallow('back');
    const before = secondLine.count();
    await delay(LOST_MS);
    const sent = secondLine.count() - before;
    wires.sms.pass();
    if (sent < AT_LEAST) ledger.complaints.push(`the other line sent ${sent} messages meanwhile`);
  },
};
