import type { EventData } from '../events/events';
import type { OperatorNoticeView } from './operator-notice-view';

/** In the place of a text nobody has to compare. */
export const HIDDEN_TEXT = '•••';

const STARS = '***';

/** Enough of a national ID to tell two apart: 0499***899 */
export const maskNationalId = (id: string): string => id.slice(0, 4) + STARS + id.slice(-3);

/** Enough of a mobile, as it is stored, to tell two apart: 0912***4567 */
export const maskMobile = (stored: string): string =>
  stored.replace(/^\+98/, '0').slice(0, 4) + STARS + stored.slice(-4);

/** a***@example.org */
export const maskEmail = (address: string): string => {
  const at = address.lastIndexOf('@');
  return [...address].slice(0, 1).join('') + STARS + address.slice(at);
};

/** Where an alert goes; nothing where that is no longer kept. */
export const maskAddress = (address: string): string =>
  address === '' ? '' : address.includes('@') ? maskEmail(address) : maskMobile(address);

/** The first letter of each word: «ش. ن.» */
export const maskName = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => `${[...word][0]}.`)
    .join(' ');

const EMAIL_IN_TEXT = /[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g;
/** As long as the shortest personal number, in digits of any script. */
const NUMBER_IN_TEXT = /[+]?[\d۰-۹٠-٩]{9,}/g;

/** What others wrote, such as a provider, without the addresses and numbers they may have put into it. */
export const maskFreeText = (text: string): string =>
  text
    .replace(EMAIL_IN_TEXT, maskEmail)
    .replace(NUMBER_IN_TEXT, (number) => number.slice(0, 4) + STARS + number.slice(-3));

const maskFileName = (name: string): string => HIDDEN_TEXT + (/\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0] ?? '');

const maskNull = <T>(mask: (text: string) => T, text: string | null) => (text === null ? null : mask(text));

/** The file of a notice as everybody sees it at first. */
export const maskNoticeView = (file: OperatorNoticeView): OperatorNoticeView => ({
  ...file,
  subject: HIDDEN_TEXT,
  smsText: HIDDEN_TEXT,
  recipient: {
    ...file.recipient,
    name: maskName(file.recipient.name),
    nationalId: maskNationalId(file.recipient.nationalId),
    mobile: maskNull(maskMobile, file.recipient.mobile),
    email: maskNull(maskEmail, file.recipient.email),
  },
  attachments: file.attachments.map((one) => ({ ...one, fileName: maskFileName(one.fileName) })),
  alerts: file.alerts.map((alert) => ({
    ...alert,
    address: maskAddress(alert.address),
    text: maskNull(() => HIDDEN_TEXT, alert.text),
    reason: maskNull(maskFreeText, alert.reason),
    attempts: alert.attempts.map((attempt) => ({
      ...attempt,
      detail: maskNull(maskFreeText, attempt.detail),
    })),
  })),
  timeline: file.timeline.map((event) => ({ ...event, data: maskData(event.data) })),
});

/** What of an event others worded. */
const maskData = (data: EventData): EventData =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      FREE_TEXT_FIELDS.has(name) && typeof value === 'string' ? maskFreeText(value) : value,
    ]),
  );
const FREE_TEXT_FIELDS = new Set(['reason', 'detail', 'body']);
