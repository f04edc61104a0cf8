import { Refusal } from '../platform/errors';
import { safeGreeting } from '../text/safe-greeting';

/** The longest SMS text the provider takes, in UTF-16 units. */
export const MAX_SMS_LENGTH = 900;

export interface SmsWording {
  /** The text when the sender gives none, with {name} and {trackingNumber}. */
  template: string;
  /** The last line that the operator of the SMS line requires, or ''. */
  suffix: string;
}

/**
 * Composes the text of a notice's SMS, which the inbox shows as well.
 *
 * @param given the text of the sender, or null for the configured template
 * @throws Refusal `sms_text_too_long` when the text and the configured last line do not fit together
 */
export function composeSmsText(
  wording: SmsWording,
  given: string | null,
  name: string,
  trackingNumber: string,
): string {
  // The replacements are functions, because `replaceAll` reads "$&" in a string as a pattern, and a name may hold it.
  const text =
    given ??
    wording.template
      .replaceAll('{name}', () => safeGreeting(name))
      .replaceAll('{trackingNumber}', () => trackingNumber);
  const whole = wording.suffix ? `${text}\n${wording.suffix}` : text;
  if (whole.length > MAX_SMS_LENGTH) {
    const maxLength = MAX_SMS_LENGTH - wording.suffix.length - 1;
    throw new Refusal('sms_text_too_long', `The SMS text may have ${maxLength} characters.`, [
      { path: 'smsText', message: `is longer than ${maxLength} characters` },
    ]);
  }
  return whole;
}
