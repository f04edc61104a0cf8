import { AblaghError } from '../platform/errors';

/**
 * What became of one attempt to send.
 *
 * - `accepted`: the provider has it
 * - `rejected`: refused for good; the same again will be refused again
 * - `try_later`: refused for now
 * - `not_sent`: certain not to have left us
 * - `unknown`: bytes left and no readable answer came back; only the provider knows
 */
export type SendOutcome =
  | {
      outcome: 'accepted';
      providerMessageId: string;
      code: string;
      parts: number | null;
      cost: number | null;
    }
  | { outcome: 'rejected' | 'try_later' | 'not_sent' | 'unknown'; code: string; detail: string };

/** One call to a provider, for measuring. */
export interface ProviderCall {
  line: string;
  /** Such as `sms/sendarray`. */
  method: string;
  seconds: number;
  /** What the provider answered, or what went wrong on the way: a code, never a text of the provider. */
  code: string;
}

/** Hears of every call once it is over. */
export type OnCall = (call: ProviderCall) => void;

/** The account itself is refused: nothing can be sent until somebody acts, or until credit is back. */
export class ChannelClosed extends AblaghError {
  constructor(
    readonly providerCode: string,
    readonly reason: string,
    /** Whether the channel may open again by itself, because the cause can pass without a person. */
    readonly reopensByItself: boolean,
  ) {
    super('channel_closed', `The channel is closed: ${reason}`);
  }
}

/** Bytes left and no readable answer came back. */
export class OutcomeUnknown extends AblaghError {
  constructor(
    readonly providerCode: string,
    options?: ErrorOptions,
  ) {
    super('outcome_unknown', `No readable answer from the provider: ${providerCode}`, options);
  }
}

/** Certain not to have reached the provider. */
export class NotSent extends AblaghError {
  constructor(
    readonly providerCode: string,
    options?: ErrorOptions,
  ) {
    super('not_sent', `The provider could not be reached: ${providerCode}`, options);
  }
}
