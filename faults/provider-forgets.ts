import { setTimeout as delay } from 'node:timers/promises';
import { trackingNumberIn } from './rig/check-messages';
import type { Fault } from './rig/fault';
import { isSend } from './rig/is-send';

const FORGETS_MS = 8_000;
const FORGET_INTERVAL_MS = 50;
/** One answer in so many is cut off in the middle. */
const CUT_ONE_IN = 3;

export const providerForgets: Fault = {
  name: 'provider-forgets',
  description: 'the SMS provider forgets every localid at once, and a third of its answers are cut off',
  duplicatesExcuse: 'this provider breaks its word: what it was asked about twice, it sent twice',
  async inject({ kavenegar }) {
    let calls = 0;
    kavenegar.setBehaviour((call) => (isSend(call) && calls++ % CUT_ONE_IN === 0 ? 'cut' : 'pass'));
    for (const deadline = Date.now() + FORGETS_MS; Date.now() < deadline; ) {
      kavenegar.expireLocalIds();
      await delay(FORGET_INTERVAL_MS);
    }
    kavenegar.setBehaviour();
  },
  /** Duplicates are bounded by doubt: a message whose send was answered is never sent again. */
  check(_system, { feed, sms }) {
    const doubted = new Set(
      feed.filter(({ type }) => type === 'alert.unknown').map((event) => event.trackingNumber),
    );
    const numbers = sms.map(({ text }) => trackingNumberIn(text));
    const doubled = numbers.filter((number, i) => numbers.indexOf(number) !== i);
    const baseless = doubled.filter((number) => !doubted.has(number));
    return baseless.length > 0 ? [`${baseless.length} SMS came twice that were never in doubt`] : [];
  },
};
