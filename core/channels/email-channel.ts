import type { SendOutcome } from './outcomes';

export interface EmailMessage {
  /** The Message-ID, the same for every attempt of one alert, so that a mail server or a reader can recognise a repeat. */
  messageId: string;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** A line for email: a mail server with its credentials. */
export interface EmailChannel {
  readonly line: string;
  readonly weight: number;
  /** The number of messages that may be on their way at once. */
  readonly concurrency: number;

  /**
   * Sends one message. No key makes a repeat safe: once the content has begun to leave and no answer came, the outcome is
   * `unknown`, and only a person or the recipient can tell.
   *
   * @throws ChannelClosed when the mail server refuses our credentials
   */
  send(message: EmailMessage): Promise<SendOutcome>;
}
