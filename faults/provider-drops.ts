import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const DROPS_MS = 8_000;

export const providerDrops: Fault = {
  name: 'provider-drops',
  description: 'the SMS provider takes connections and drops every call',
  async inject({ kavenegar }) {
    kavenegar.setBehaviour(() => 'drop');
    await delay(DROPS_MS);
    kavenegar.setBehaviour();
  },
};
