import { normaliseNumber } from './normalise';

/** Checks for a natural person's national ID (کد ملی): 10 digits with the right check digit. */
export function isPersonalNationalId(id: string): boolean {
  if (!/^\d{10}$/.test(id) || /^(\d)\1{9}$/.test(id)) return false;
  const digits = [...id].map(Number);
  const sum = digits.slice(0, 9).reduce((total, digit, i) => total + digit * (10 - i), 0);
  const rest = sum % 11;
  return digits[9] === (rest < 2 ? rest : 11 - rest);
}

const LEGAL_ENTITY_WEIGHTS = [29, 27, 23, 19, 17];

/** Checks for a legal entity's national ID (شناسه ملی): 11 digits with the right check digit. */
export function isLegalEntityId(id: string): boolean {
  if (!/^\d{11}$/.test(id) || /^0{11}$/.test(id) || id.slice(3, 9) === '000000') return false;
  const digits = [...id].map(Number);
  const added = (digits[9] as number) + 2;
  const sum = digits
    .slice(0, 10)
    .reduce((total, digit, i) => total + (digit + added) * (LEGAL_ENTITY_WEIGHTS[i % 5] as number), 0);
  const rest = sum % 11;
  return digits[10] === (rest === 10 ? 0 : rest);
}

/** Checks for the national ID of an employer, a person or a legal entity. The text must be normalised. */
export const isNationalId = (id: string): boolean => isPersonalNationalId(id) || isLegalEntityId(id);

const MOBILE_PATTERN = /^(?:\+98|0098|98|0)?(9\d{9})$/;

/** Parses a mobile number, however people write it, into its stored form, +989…; null when the text is no mobile number. */
export function parseMobile(text: string): string | null {
  const match = MOBILE_PATTERN.exec(normaliseNumber(text));
  return match ? `+98${match[1]}` : null;
}

/** Formats a stored mobile number as the provider and people write it: 09… */
export const localMobile = (stored: string): string => stored.replace(/^\+98/, '0');

/**
 * Makes a tracking number (شماره پیگیری) from a running number by adding a Luhn check digit, so that a mistyped digit is noticed
 * before a search.
 */
export function toTrackingNumber(serial: string): string {
  return serial + luhnDigit(serial);
}

export const isTrackingNumber = (text: string): boolean =>
  /^\d{2,20}$/.test(text) && luhnDigit(text.slice(0, -1)) === text.slice(-1);

function luhnDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}
