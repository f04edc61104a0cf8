import { isNationalId, parseMobile } from '../text/identifiers';
import { normaliseInput, normaliseNumber } from '../text/normalise';
import { isUuid } from '../text/uuid';

/** The keys a typed text may be. A field is null or empty when the text cannot be such a key. */
export interface SearchKeys {
  noticeId: string | null;
  trackingNumber: string | null;
  nationalId: string | null;
  mobile: string | null;
  /** Addresses of alerts: a mobile as it is stored, or an email address. */
  addresses: string[];
  references: string[];
  providerMessageIds: string[];
}

/** The longest possible key, with some room for the way people write it. */
const MAX_TYPED_CHARS = 300;

/**
 * Finds the keys a text may be, by its form. One text may be several keys: ten digits are a national ID, a provider's
 * message id and a reference.
 *
 * @param typed with digits of any script, and with spaces and dashes where people put them
 */
export function parseSearchKeys(typed: string): SearchKeys {
  const text = normaliseInput(typed.slice(0, MAX_TYPED_CHARS));
  const number = normaliseNumber(text);
  const mobile = parseMobile(text);
  const isEmail = text.includes('@');
  return {
    noticeId: isUuid(text) ? text : null,
    trackingNumber: /^\d{1,18}$/.test(number) ? number : null,
    nationalId: isNationalId(number) ? number : null,
    mobile,
    addresses: distinct(mobile ? [mobile] : isEmail ? [text, text.toLowerCase()] : []),
    references: distinct([typed.trim(), text]),
    // The Message-ID of an email is in angle brackets, which people leave out when they copy it.
    providerMessageIds: distinct([text, ...(isEmail ? [`<${text}>`] : []), ...(number ? [number] : [])]),
  };
}

const distinct = (texts: string[]): string[] => [...new Set(texts)];
