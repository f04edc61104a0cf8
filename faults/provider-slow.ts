import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const SLOW_MS = 12_000;
/** The first is just in time for a call, the second too late. */
const DELAYS_MS = [8_000, 11_000];

export const providerSlow: Fault = {
  name: 'provider-slow',
  description: 'the SMS provider answers after 8 or after 11 s, when nobody listens any more',
  async inject({ kavenegar }) {
    let calls = 0;
    kavenegar.setBehaviour(() => ({ delayMs: DELAYS_MS[calls++ % DELAYS_MS.length] as number }));
    await delay(SLOW_MS);
    kavenegar.setBehaviour();
  },
};
