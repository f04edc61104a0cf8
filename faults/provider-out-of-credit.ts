import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const NO_CREDIT_MS = 6_000;

export const providerOutOfCredit: Fault = {
  name: 'provider-out-of-credit',
  description: 'the credit at the SMS provider is used up, and is filled up again',
  async inject({ kavenegar }) {
    const credit = kavenegar.credit();
    kavenegar.setCredit(0);
    await delay(NO_CREDIT_MS);
    kavenegar.setCredit(credit);
  },
};
