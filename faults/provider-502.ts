import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';

const BROKEN_MS = 8_000;

export const provider502: Fault = {
  name: 'provider-502',
  description: 'a proxy before the SMS provider answers every call with 502 and a page',
  async inject({ kavenegar }) {
    kavenegar.setBehaviour(() => 'html');
    await delay(BROKEN_MS);
    kavenegar.setBehaviour();
  },
};
