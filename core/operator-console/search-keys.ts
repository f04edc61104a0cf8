import { isNationalId, parseMobile } from '../text/identifiers';
import { normaliseInput, normaliseNumber } from '../text/normalise';
import { isUuid } from '../text/uuid';

/** What a text that somebody typed could be the key of. Null and empty where it cannot be one. */
export interface SearchKeys {
  noticeId: string | null;
  trackingNumber: string | null;
  nationalId: string | null;
  mobile: string | null;
  /** Where alerts go: a mobile as it is stored, or an email address. */
  addresses: string[];
  references: string[];
  providerMessageIds: string[];
}

/** The longest key there is, with some room for the way people write it. */
const MAX_TYPED_CHARS = 300;

/**
 * What a text could be, by its shape. One text may be several things: ten digits are a national ID, a message
 * of a provider and somebody's reference.
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
    // The Message-ID of an email stands in angle brackets, which whoever copies it may leave out.
    providerMessageIds: distinct([text, ...(isEmail ? [`<${text}>`] : []), ...(number ? [number] : [])]),
  };
}

const distinct = (texts: string[]): string[] => [...new Set(texts)];
