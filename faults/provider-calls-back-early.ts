import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './rig/fault';
import { isSend } from './rig/is-send';

const EARLY_MS = 8_000;
const ANSWER_AFTER_MS = 3_000;

export const providerCallsBackEarly: Fault = {
  name: 'provider-calls-back-early',
  description: 'the SMS provider reports the delivery of messages before it has answered that it takes them',
  systemOptions: { deliveredAfterMs: 0 },
  async inject({ kavenegar }) {
    kavenegar.setBehaviour((call) => (isSend(call) ? { delayMs: ANSWER_AFTER_MS } : 'pass'));
    await delay(EARLY_MS);
    kavenegar.setBehaviour();
  },
  async check({ postgres }) {
    const [reports] = await postgres.db.query<{ open: number }>(
      'SELECT count(*)::int AS open FROM sms_callbacks WHERE matched IS NOT true',
    );
    return reports?.open ? [`${reports.open} reports were not matched with their messages`] : [];
  },
};
