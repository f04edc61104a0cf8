import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const REJECTS_MS = 6_000;
const isBad = (receptor: string) => Number(receptor.at(-1)) % 2 === 0;

export const providerRejectsHalf: Fault = {
  name: 'provider-rejects-half',
  description: 'the SMS provider refuses a call whole (411) when one receptor is bad, and half of them are',
  async inject({ kavenegar }) {
    kavenegar.setBehaviour(({ messages }) =>
      messages.some(({ receptor }) => isBad(receptor)) ? { status: 411 } : 'pass',
    );
    await delay(REJECTS_MS);
    kavenegar.setBehaviour();
  },
  check(_system, { alerts }) {
    const rejected = alerts.filter(({ channel, outcome }) => channel === 'sms' && outcome === 'rejected');
    return rejected.length > 0 ? [] : ['nothing was rejected'];
  },
};
