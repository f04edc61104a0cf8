/** What becomes of a call: `pass` is the ordinary answer. */
export type Play =
  | 'pass'
  /** Nothing is accepted; the answer has this status. */
  | { status: number }
  /** Everything is accepted; the answer comes later. */
  | { delayMs: number }
  /** Everything is accepted; no answer ever comes and the connection stays open. */
  | 'silent'
  /** Everything is accepted; half of the answer comes, then the connection breaks. */
  | 'cut'
  /** Nothing is accepted; the connection breaks. */
  | 'drop'
  /** Nothing is accepted; a proxy answers 502 with a page. */
  | 'html';

/** What becomes of an accepted message. */
export type Fate = 'delivered' | 'late' | 'undelivered' | 'blocked' | 'unknown';

export interface MagicReceiver {
  mobile: string;
  /** A short name of what it does. */
  plays: string;
  /** For the person who tries it, in English. */
  description: string;
}

interface Magic extends MagicReceiver {
  play?: Play;
  fate?: Fate;
  /** Only this many calls for each message are played, then it works. */
  tries?: number;
}

const SLOW_MS = 5_000;

const magic: Magic[] = [
  {
    mobile: '09990000411',
    plays: 'invalid receiver',
    description: 'the whole call is refused with 411',
    play: { status: 411 },
  },
  {
    mobile: '09990000418',
    plays: 'out of credit',
    description: 'the whole call is refused with 418',
    play: { status: 418 },
  },
  {
    mobile: '09990000402',
    plays: 'try later',
    description: 'the first two tries of a message are refused with 402, the third works',
    play: { status: 402 },
    tries: 2,
  },
  {
    mobile: '09990000001',
    plays: 'slow',
    description: 'accepted, answered after 5 seconds',
    play: { delayMs: SLOW_MS },
  },
  {
    mobile: '09990000002',
    plays: 'silent',
    description: 'accepted, never answered, the connection stays open',
    play: 'silent',
  },
  {
    mobile: '09990000003',
    plays: 'cut off',
    description: 'accepted, the connection breaks halfway through the answer',
    play: 'cut',
  },
  {
    mobile: '09990000004',
    plays: 'dropped',
    description: 'not accepted, the connection breaks without an answer',
    play: 'drop',
  },
  {
    mobile: '09990000005',
    plays: 'HTML 502',
    description: 'not accepted, answered with a page and 502',
    play: 'html',
  },
  {
    mobile: '09990000014',
    plays: 'blocked',
    description: 'accepted, at once in status 14 (blocked), the cost is given back',
    fate: 'blocked',
  },
  {
    mobile: '09990000011',
    plays: 'undelivered',
    description: 'accepted, ends in status 11 (undelivered)',
    fate: 'undelivered',
  },
  {
    mobile: '09990000010',
    plays: 'delivered late',
    description: 'accepted, delivered after 60 seconds',
    fate: 'late',
  },
  {
    mobile: '09990000100',
    plays: 'status unknown',
    description: 'accepted, its status is 100 (unknown) for ever',
    fate: 'unknown',
  },
];

const byMobile = new Map(magic.map((entry) => [entry.mobile, entry]));

/** Receivers that stand for a trouble of the real world. What they play happens to the whole call they are in. */
export const MAGIC_RECEIVERS: readonly MagicReceiver[] = magic.map(({ mobile, plays, description }) => ({
  mobile,
  plays,
  description,
}));

/** What will become of a message to this number. */
export const fateOf = (mobile: string): Fate => byMobile.get(mobile)?.fate ?? 'delivered';

/** Decides what the receivers of a call do to it; it counts tries, so each call is to be asked about once. */
export function createMagic(): (messages: { receptor: string; text: string }[]) => Play {
  const tries = new Map<string, number>();
  return (messages) => {
    for (const { receptor, text } of messages) {
      // All of them share this beginning; nothing else is spent on ordinary numbers.
      if (!receptor.startsWith('0999000')) continue;
      const entry = byMobile.get(receptor);
      if (!entry?.play) continue;
      if (!entry.tries) return entry.play;
      const tried = (tries.get(receptor + text) ?? 0) + 1;
      tries.set(receptor + text, tried);
      if (tried <= entry.tries) return entry.play;
    }
    return 'pass';
  };
}
