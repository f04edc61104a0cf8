import type { SendOutcome } from './outcomes';

export interface EmailMessage {
  /** The same for every attempt of one alert, so that a mail server or a reader can tell a repeat. */
  messageId: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** A line to send email by. */
export interface EmailChannel {
  readonly line: string;
  readonly weight: number;
  /** How many messages may be on their way at once. */
  readonly concurrency: number;

  /**
   * Sends one message. There is no key that makes a repeat safe: once the content has begun to leave and no
   * answer came, the outcome is `unknown`, and only a person or the recipient can tell.
   *
   * @throws ChannelClosed when the mail server refuses our credentials
   */
  send(message: EmailMessage): Promise<SendOutcome>;
}
