import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const POOR_MS = 6_000;

export const providerOutOfCredit: Fault = {
  name: 'provider-out-of-credit',
  what: 'the credit at the SMS provider is used up, and is filled up again',
  async strike({ kavenegar }) {
    const credit = kavenegar.credit();
    kavenegar.setCredit(0);
    await delay(POOR_MS);
    kavenegar.setCredit(credit);
  },
};
