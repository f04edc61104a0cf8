import type { EventData } from '../events/events';
import { localMobile } from '../text/identifiers';
import type { OperatorNoticeView } from './operator-notice-view';

/** The placeholder of a text that nobody has to tell apart from others. */
export const HIDDEN_TEXT = '•••';

const STARS = '***';

/** Keeps enough of a national ID to tell two apart: 0499***899 */
export const maskNationalId = (id: string): string => id.slice(0, 4) + STARS + id.slice(-3);

/** Keeps enough of a mobile to tell two apart: 0912***4567 */
export const maskMobile = (stored: string): string =>
  localMobile(stored).slice(0, 4) + STARS + stored.slice(-4);

/** Keeps the first character and the domain: a***@example.org */
export const maskEmail = (address: string): string => {
  const at = address.lastIndexOf('@');
  return [...address].slice(0, 1).join('') + STARS + address.slice(at);
};

/** Masks the address of an alert; a purged address is empty and stays so. */
export const maskAddress = (address: string): string =>
  address === '' ? '' : address.includes('@') ? maskEmail(address) : maskMobile(address);

/** Keeps the first letter of each word: «ش. ن.» */
export const maskName = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => `${[...word][0]}.`)
    .join(' ');

const EMAIL_IN_TEXT = /[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g;
/** Numbers as long as the shortest personal one, in digits of any script. */
const NUMBER_IN_TEXT = /[+]?[\d۰-۹٠-٩]{9,}/g;

/** Masks the email addresses and numbers in a text that others wrote, such as a provider. */
export const maskFreeText = (text: string): string =>
  text
    .replace(EMAIL_IN_TEXT, maskEmail)
    .replace(NUMBER_IN_TEXT, (number) => number.slice(0, 4) + STARS + number.slice(-3));

const maskFileName = (name: string): string => HIDDEN_TEXT + (/\.[A-Za-z0-9]{1,5}$/.exec(name)?.[0] ?? '');

const maskNull = <T>(mask: (text: string) => T, text: string | null) => (text === null ? null : mask(text));

/** Masks the personal data of a notice, as every operator sees it at first. */
export const maskNoticeView = (notice: OperatorNoticeView): OperatorNoticeView => ({
  ...notice,
  subject: HIDDEN_TEXT,
  smsText: HIDDEN_TEXT,
  recipient: {
    ...notice.recipient,
    name: maskName(notice.recipient.name),
    nationalId: maskNationalId(notice.recipient.nationalId),
    mobile: maskNull(maskMobile, notice.recipient.mobile),
    email: maskNull(maskEmail, notice.recipient.email),
  },
  attachments: notice.attachments.map((attachment) => ({
    ...attachment,
    fileName: maskFileName(attachment.fileName),
  })),
  alerts: notice.alerts.map((alert) => ({
    ...alert,
    address: maskAddress(alert.address),
    text: maskNull(() => HIDDEN_TEXT, alert.text),
    reason: maskNull(maskFreeText, alert.reason),
    attempts: alert.attempts.map((attempt) => ({
      ...attempt,
      detail: maskNull(maskFreeText, attempt.detail),
    })),
  })),
  timeline: notice.timeline.map((event) => ({ ...event, data: maskData(event.data) })),
});

/** Masks the fields of an event that hold free text. */
const maskData = (data: EventData): EventData =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      FREE_TEXT_FIELDS.has(name) && typeof value === 'string' ? maskFreeText(value) : value,
    ]),
  );
const FREE_TEXT_FIELDS = new Set(['reason', 'detail', 'body']);
