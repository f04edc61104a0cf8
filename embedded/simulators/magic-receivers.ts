/** The treatment of a call; `pass` is the ordinary answer. */
export type CallBehaviour =
  | 'pass'
  /** No message is accepted; the answer has this status. */
  | { status: number }
  /** Every message is accepted; the answer comes later. */
  | { delayMs: number }
  /** Every message is accepted; no answer ever comes and the connection stays open. */
  | 'silent'
  /** Every message is accepted; half of the answer comes, then the connection breaks. */
  | 'cut'
  /** No message is accepted; the connection breaks. */
  | 'drop'
  /** No message is accepted; a proxy answers 502 with a page. */
  | 'html';

/** The result of an accepted message's delivery. */
export type DeliveryResult = 'delivered' | 'late' | 'undelivered' | 'blocked' | 'unknown';

export interface MagicReceiver {
  mobile: string;
  /** A short name of the behaviour. */
  label: string;
  /** An explanation for the person who tries it, in English. */
  description: string;
}

interface MagicReceiverRule extends MagicReceiver {
  behaviour?: CallBehaviour;
  result?: DeliveryResult;
  /** Only this many calls for each message get the behaviour; later ones work. */
  tries?: number;
}

const SLOW_MS = 5_000;

const rules: MagicReceiverRule[] = [
  {
    mobile: '09990000411',
    label: 'invalid receiver',
    description: 'the whole call is refused with 411',
    behaviour: { status: 411 },
  },
  {
    mobile: '09990000418',
    label: 'out of credit',
    description: 'the whole call is refused with 418',
    behaviour: { status: 418 },
  },
  {
    mobile: '09990000402',
    label: 'try later',
    description: 'the first two tries of a message are refused with 402, the third works',
    behaviour: { status: 402 },
    tries: 2,
  },
  {
    mobile: '09990000001',
    label: 'slow',
    description: 'accepted, answered after 5 seconds',
    behaviour: { delayMs: SLOW_MS },
  },
  {
    mobile: '09990000002',
    label: 'silent',
    description: 'accepted, never answered, the connection stays open',
    behaviour: 'silent',
  },
  {
    mobile: '09990000003',
    label: 'cut off',
    description: 'accepted, the connection breaks halfway through the answer',
    behaviour: 'cut',
  },
  {
    mobile: '09990000004',
    label: 'dropped',
    description: 'not accepted, the connection breaks without an answer',
    behaviour: 'drop',
  },
  {
    mobile: '09990000005',
    label: 'HTML 502',
    description: 'not accepted, answered with a page and 502',
    behaviour: 'html',
  },
  {
    mobile: '09990000014',
    label: 'blocked',
    description: 'accepted, at once in status 14 (blocked), the cost is given back',
    result: 'blocked',
  },
  {
    mobile: '09990000011',
    label: 'undelivered',
    description: 'accepted, ends in status 11 (undelivered)',
    result: 'undelivered',
  },
  {
    mobile: '09990000010',
    label: 'delivered late',
    description: 'accepted, delivered after 60 seconds',
    result: 'late',
  },
  {
    mobile: '09990000100',
    label: 'status unknown',
    description: 'accepted, its status is 100 (unknown) for ever',
    result: 'unknown',
  },
];

const byMobile = new Map(rules.map((entry) => [entry.mobile, entry]));

/** Receivers that play failures of the real world. Their behaviour applies to the whole call they are in. */
export const MAGIC_RECEIVERS: readonly MagicReceiver[] = rules.map(({ mobile, label, description }) => ({
  mobile,
  label,
  description,
}));

/** Returns the result of a delivery to this number. */
export const deliveryResultFor = (mobile: string): DeliveryResult =>
  byMobile.get(mobile)?.result ?? 'delivered';

/** Decides the treatment of a call by its receivers. It counts attempts, so ask about each call once. */
export function createMagicReceivers(): (messages: { receptor: string; text: string }[]) => CallBehaviour {
  const tries = new Map<string, number>();
  return (messages) => {
    for (const { receptor, text } of messages) {
      // All magic receivers share this beginning; ordinary numbers cost no more than this check.
      if (!receptor.startsWith('0999000')) continue;
      const entry = byMobile.get(receptor);
      if (!entry?.behaviour) continue;
      if (!entry.tries) return entry.behaviour;
      const tried = (tries.get(receptor + text) ?? 0) + 1;
      tries.set(receptor + text, tried);
      if (tried <= entry.tries) return entry.behaviour;
    }
    return 'pass';
  };
}
