import { AblaghError } from '../platform/errors';

/**
 * The outcomes of one attempt to send.
 *
 * - `accepted`: the provider has the message
 * - `rejected`: the provider refuses the message for good; the same again will be refused again
 * - `try_later`: the provider refuses the message for now
 * - `not_sent`: the message is certain not to have left
 * - `unknown`: bytes left and no readable answer came back; only the provider knows
 */
export const SEND_OUTCOMES = ['accepted', 'rejected', 'try_later', 'not_sent', 'unknown'] as const;
export type SendOutcomeName = (typeof SEND_OUTCOMES)[number];

/** The outcome of one attempt; `cost` is in Rial. `code` is the provider's or ours, never a text of the provider. */
export type SendOutcome =
  | {
      outcome: 'accepted';
      providerMessageId: string;
      code: string;
      parts: number | null;
      cost: number | null;
    }
  | { outcome: Exclude<SendOutcomeName, 'accepted'>; code: string; detail: string };

/** One call to a provider, for the metrics. */
export interface ProviderCall {
  line: string;
  /** Such as `sms/sendarray`. */
  method: string;
  seconds: number;
  /** The code the provider answered with, or the one of the failure on the way; never a text of the provider. */
  code: string;
}

/** Receives every call once it is over. */
export type OnCall = (call: ProviderCall) => void;

/** The provider refuses the account itself: nothing can be sent until an operator acts, or until credit is back. */
export class ChannelClosed extends AblaghError {
  constructor(
    readonly providerCode: string,
    readonly reason: string,
    /** Whether the line may open again by itself, because the cause can pass without an operator. */
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

/** The message is certain not to have reached the provider. */
export class NotSent extends AblaghError {
  constructor(
    readonly providerCode: string,
    options?: ErrorOptions,
  ) {
    super('not_sent', `The provider could not be reached: ${providerCode}`, options);
  }
}
