import { setTimeout as delay } from 'node:timers/promises';
import { statement } from '../core/platform/statement';
import type { Fault } from './rig/fault';
import { isSend } from './rig/is-send';

const EARLY_MS = 8_000;
const ANSWER_AFTER_MS = 3_000;

const COUNT_UNMATCHED = statement<{ count: number }>(
  'faults-count-unmatched-callbacks',
  'SELECT count(*)::int AS count FROM sms_callbacks WHERE matched IS NOT true',
  { count: 'int4' },
);

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
    const [reports] = await postgres.db.query(COUNT_UNMATCHED);
    return reports?.count ? [`${reports.count} reports were not matched with their messages`] : [];
  },
};
