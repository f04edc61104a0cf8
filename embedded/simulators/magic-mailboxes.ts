/** What becomes of one step of a delivery: `pass` is the ordinary answer. */
export type MailPlay =
  | 'pass'
  /** Refused with this SMTP code; at DATA the message is not kept. */
  | { code: number }
  /** Answered later; at DATA the message is kept at once. */
  | { delayMs: number }
  /** Never answered, the connection stays open; at DATA the message is kept. */
  | 'silent'
  /** The connection breaks without an answer; at DATA the message is kept. */
  | 'drop';

export type MailStage = 'rcpt' | 'data';

export interface MagicMailbox {
  /** Before the @, at any domain. */
  localPart: string;
  /** A short name of what it does. */
  plays: string;
  /** For the person who tries it, in English. */
  description: string;
}

interface Magic extends MagicMailbox {
  stage: MailStage;
  play: MailPlay;
  /** Only this many tries from each sender are played, then it works. */
  tries?: number;
}

const SLOW_MS = 5_000;

const magic: Magic[] = [
  {
    localPart: 'reject',
    plays: 'no such mailbox',
    description: 'the recipient is refused with 550',
    stage: 'rcpt',
    play: { code: 550 },
  },
  {
    localPart: 'greylist',
    plays: 'greylisted',
    description: 'the recipient is put off with 451 twice, then it works',
    stage: 'rcpt',
    play: { code: 451 },
    tries: 2,
  },
  {
    localPart: 'full',
    plays: 'mailbox full',
    description: 'the message is put off with 452 after its content, every time',
    stage: 'data',
    play: { code: 452 },
  },
  {
    localPart: 'drop',
    plays: 'cut off',
    description: 'the message arrives, and the connection breaks before the answer',
    stage: 'data',
    play: 'drop',
  },
  {
    localPart: 'slow',
    plays: 'slow',
    description: 'the message arrives, the answer comes after 5 seconds',
    stage: 'data',
    play: { delayMs: SLOW_MS },
  },
];

/** Recipients that stand for a trouble of the real world. */
export const MAGIC_MAILBOXES: readonly MagicMailbox[] = magic.map(({ localPart, plays, description }) => ({
  localPart,
  plays,
  description,
}));

/** Decides what the recipients do at a stage; it counts tries, so each step is to be asked about once. */
export function createMagicMailboxes(): (stage: MailStage, from: string, to: string[]) => MailPlay {
  const tries = new Map<string, number>();
  return (stage, from, to) => {
    for (const address of to) {
      const localPart = address.slice(0, address.indexOf('@')).toLowerCase();
      const entry = magic.find((one) => one.localPart === localPart && one.stage === stage);
      if (!entry) continue;
      if (!entry.tries) return entry.play;
      const pair = `${from} ${address}`;
      const tried = (tries.get(pair) ?? 0) + 1;
      tries.set(pair, tried);
      if (tried <= entry.tries) return entry.play;
    }
    return 'pass';
  };
}
