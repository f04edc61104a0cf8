import { Refusal } from '../platform/errors';
import { safeGreeting } from '../text/safe-greeting';

/** What one SMS may hold at the provider, in UTF-16 units. */
export const MAX_SMS_LENGTH = 900;

export interface SmsWording {
  /** The text when the sender gives none, with {name} and {trackingNumber}. */
  template: string;
  /** A last line the line's operator asks for, or ''. */
  suffix: string;
}

/**
 * The text that is sent, and shown in the inbox as what was sent.
 *
 * @throws Refusal `sms_text_too_long` when the text and the configured last line do not fit together
 */
export function composeSmsText(
  wording: SmsWording,
  given: string | null,
  name: string,
  trackingNumber: string,
): string {
  // Functions as replacements: a name may hold "$&", which would otherwise be read as a pattern.
  const text =
    given ??
    wording.template
      .replaceAll('{name}', () => safeGreeting(name))
      .replaceAll('{trackingNumber}', () => trackingNumber);
  const whole = wording.suffix ? `${text}\n${wording.suffix}` : text;
  if (whole.length > MAX_SMS_LENGTH) {
    const room = MAX_SMS_LENGTH - wording.suffix.length - 1;
    throw new Refusal('sms_text_too_long', `The SMS text may have ${room} characters.`, [
      { path: 'smsText', message: `is longer than ${room} characters` },
    ]);
  }
  return whole;
}
