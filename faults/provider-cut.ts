import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { isSend } from './rig/is-send';

const CUT_MS = 8_000;

export const providerCut: Fault = {
  name: 'provider-cut',
  description: 'the SMS provider takes messages, and the connection breaks in the middle of its answer',
  async inject({ kavenegar }) {
    kavenegar.setBehaviour((call) => (isSend(call) ? 'cut' : 'pass'));
    await delay(CUT_MS);
    kavenegar.setBehaviour();
  },
};
