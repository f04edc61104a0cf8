/** The treatment of one step of a delivery; `pass` is the ordinary answer. */
export type DeliveryBehaviour =
  | 'pass'
  /** The step is refused with this SMTP code; at DATA the message is not kept. */
  | { code: number }
  /** The answer comes later; at DATA the message is kept at once. */
  | { delayMs: number }
  /** No answer comes and the connection stays open; at DATA the message is kept. */
  | 'silent'
  /** The connection breaks without an answer; at DATA the message is kept. */
  | 'drop';

export type MailStage = 'rcpt' | 'data';

export interface MagicMailbox {
  /** The address before the @, at any domain. */
  localPart: string;
  /** A short name of the behaviour. */
  label: string;
  /** An explanation for the person who tries it, in English. */
  description: string;
}

interface MagicMailboxRule extends MagicMailbox {
  stage: MailStage;
  behaviour: DeliveryBehaviour;
  /** Only this many attempts of each sender get the behaviour; later ones work. */
  tries?: number;
}

const SLOW_MS = 5_000;

const rules: MagicMailboxRule[] = [
  {
    localPart: 'reject',
    label: 'no such mailbox',
    description: 'the recipient is refused with 550',
    stage: 'rcpt',
    behaviour: { code: 550 },
  },
  {
    localPart: 'greylist',
    label: 'greylisted',
    description: 'the recipient is put off with 451 twice, then it works',
    stage: 'rcpt',
    behaviour: { code: 451 },
    tries: 2,
  },
  {
    localPart: 'full',
    label: 'mailbox full',
    description: 'the message is put off with 452 after its content, every time',
    stage: 'data',
    behaviour: { code: 452 },
  },
  {
    localPart: 'drop',
    label: 'cut off',
    description: 'the message arrives, and the connection breaks before the answer',
    stage: 'data',
    behaviour: 'drop',
  },
  {
    localPart: 'slow',
    label: 'slow',
    description: 'the message arrives, the answer comes after 5 seconds',
    stage: 'data',
    behaviour: { delayMs: SLOW_MS },
  },
];

/** Recipients that play failures of the real world. */
export const MAGIC_MAILBOXES: readonly MagicMailbox[] = rules.map(({ localPart, label, description }) => ({
  localPart,
  label,
  description,
}));

/** Decides the treatment of a step by its recipients. It counts attempts, so ask about each step once. */
export function createMagicMailboxes(): (stage: MailStage, from: string, to: string[]) => DeliveryBehaviour {
  const tries = new Map<string, number>();
  return (stage, from, to) => {
    for (const address of to) {
      const localPart = address.slice(0, address.indexOf('@')).toLowerCase();
      const entry = rules.find((one) => one.localPart === localPart && one.stage === stage);
      if (!entry) continue;
      if (!entry.tries) return entry.behaviour;
      const pair = `${from} ${address}`;
      const tried = (tries.get(pair) ?? 0) + 1;
      tries.set(pair, tried);
      if (tried <= entry.tries) return entry.behaviour;
    }
    return 'pass';
  };
}
