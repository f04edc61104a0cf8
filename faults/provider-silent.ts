import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { isSend } from './rig/is-send';

const SILENT_MS = 12_000;

export const providerSilent: Fault = {
  name: 'provider-silent',
  description: 'the SMS provider takes messages and never answers',
  async inject({ kavenegar }) {
    kavenegar.setBehaviour((call) => (isSend(call) ? 'silent' : 'pass'));
    await delay(SILENT_MS);
    kavenegar.setBehaviour();
  },
};
