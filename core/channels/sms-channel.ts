import type { SendOutcome } from './outcomes';

export interface SmsMessage {
  /** The attempt's number: the idempotency key at the provider. */
  localId: string;
  /** As stored, +989… */
  mobile: string;
  text: string;
}

/** A one-time code for whoever holds a mobile. */
export interface CodeMessage extends SmsMessage {
  /** The code that stands in `text`; alone, for providers that write the text themselves. */
  code: string;
}

/** A message whose text the provider writes, from a template that it approved. */
export interface TemplateMessage {
  mobile: string;
  /** What the template is filled in with: up to 100 characters, no space. */
  token: string;
  /** What it will say, where we know. */
  text?: string;
}

/** What a provider says became of a message it accepted. */
export interface MessageStatus {
  state: 'pending' | 'delivered' | 'failed' | 'blocked' | 'unknown';
  code: string;
  detail: string;
}

/** A line to send SMS by. Every call ends within its deadline, whatever the provider does. */
export interface SmsChannel {
  /** Its name: what alerts and attempts that went by it say. */
  readonly line: string;
  /** Its share beside those of the other lines. */
  readonly weight: number;

  /**
   * Sends up to 200 messages and returns what became of each, in the same order. `localId` makes a repeat
   * safe: the provider sends once per id and answers with the first result.
   *
   * @throws ChannelClosed when the account, key, sender or credit is refused; nothing of this call was sent.
   */
  send(messages: SmsMessage[]): Promise<SendOutcome[]>;

  /**
   * Sends a code in the way that is quickest at the provider. Only where `codesRepeatSafely` does a repeat
   * under the same `localId` send nothing.
   *
   * @throws ChannelClosed when the account, key, sender or credit is refused; nothing was sent.
   */
  sendCode(message: CodeMessage): Promise<SendOutcome>;
  readonly codesRepeatSafely: boolean;

  /**
   * Sends one message that no block list of its recipient holds up. Nothing makes a repeat safe: an unknown
   * outcome stays unknown.
   *
   * @throws ChannelClosed when the account, key, sender or credit is refused; nothing was sent.
   */
  sendByTemplate(message: TemplateMessage): Promise<SendOutcome>;
  readonly hasTemplate: boolean;

  /**
   * Asks which of these local ids the provider knows, and under which message id.
   *
   * @throws OutcomeUnknown, NotSent, ChannelClosed when there is no answer
   */
  lookUp(localIds: string[]): Promise<Map<string, string>>;

  /**
   * Asks what became of up to 500 messages.
   *
   * @throws OutcomeUnknown, NotSent, ChannelClosed when there is no answer
   */
  statuses(providerMessageIds: string[]): Promise<Map<string, MessageStatus>>;

  /** What is left on the account, in Rial. */
  credit(): Promise<number>;
}
