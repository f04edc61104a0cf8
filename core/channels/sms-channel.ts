import type { SendOutcome } from './outcomes';

export interface SmsMessage {
  /** The number of the attempt: the idempotency key at the provider. */
  localId: string;
  /** The mobile as PostgreSQL stores it, +989… */
  mobile: string;
  text: string;
}

/** A one-time code for the holder of a mobile. */
export interface CodeMessage extends SmsMessage {
  /** The code that stands in `text`; alone, for providers that write the text themselves. */
  code: string;
}

/** A message whose text the provider writes, from a template that it approved. */
export interface TemplateMessage {
  mobile: string;
  /** The text that fills in the template: up to 100 characters, no space. */
  token: string;
  /** The text the template gives, where it is known. */
  text?: string;
}

/** The provider's status of a message it accepted. */
export interface MessageStatus {
  state: 'pending' | 'delivered' | 'failed' | 'blocked' | 'unknown';
  code: string;
  detail: string;
}

/** A line for SMS. Every call ends within its timeout, whatever the provider does. */
export interface SmsChannel {
  /** The name of the line, as it stands in its alerts and attempts. */
  readonly line: string;
  /** The share of the line beside the other lines of the channel. */
  readonly weight: number;

  /**
   * Sends up to 200 messages and returns their outcomes, in the same order. `localId` makes a repeat safe: the provider sends
   * once per id and answers with the first result.
   *
   * @throws ChannelClosed when the account, key, sender or credit is refused; nothing of this call was sent.
   */
  send(messages: SmsMessage[]): Promise<SendOutcome[]>;

  /**
   * Sends a code in the way that is quickest at the provider. A repeat under the same `localId` sends nothing only where
   * `codesRepeatSafely`.
   *
   * @throws ChannelClosed when the account, key, sender or credit is refused; nothing was sent.
   */
  sendCode(message: CodeMessage): Promise<SendOutcome>;
  readonly codesRepeatSafely: boolean;

  /**
   * Sends one message that no block list of its recipient stops. Nothing makes a repeat safe: an unknown outcome stays unknown.
   *
   * @throws ChannelClosed when the account, key, sender or credit is refused; nothing was sent.
   */
  sendByTemplate(message: TemplateMessage): Promise<SendOutcome>;
  readonly hasTemplate: boolean;

  /**
   * Asks which of these local ids the provider knows, and under which message ids.
   *
   * @returns message ids by local id
   * @throws OutcomeUnknown, NotSent, ChannelClosed when there is no answer
   */
  lookUp(localIds: string[]): Promise<Map<string, string>>;

  /**
   * Asks for the statuses of up to 500 messages.
   *
   * @returns statuses by message id; the provider may leave messages out
   * @throws OutcomeUnknown, NotSent, ChannelClosed when there is no answer
   */
  statuses(providerMessageIds: string[]): Promise<Map<string, MessageStatus>>;

  /** Asks for the credit left on the account, in Rial. */
  credit(): Promise<number>;
}
