import type { ComponentChildren } from 'preact';
import type { Sample } from '../../../core/desk/waiting';
import type { Action } from '../../../core/operators/audit';
import type { Queryable } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { isNationalId, parseMobile } from '../../../core/text/identifiers';
import { normaliseInput } from '../../../core/text/normalise';
import { isUuid } from '../../../core/text/uuid';
import type { OpsSection } from '../ops-layout';

/** What an action would touch if it were done now. */
export interface Preview {
  count: number;
  /** In words: «هشدار», «مکاتبه ردشده». */
  of: string;
  sample?: Sample[];
  /** What was decided about, such as where that which was shown ends; it comes back with the form. */
  seen?: string;
  /** Why it cannot be done now. */
  obstacle?: string | undefined;
}

/** Something an operator can do: shown with what it will touch, done with a reason, and put on the record. */
export interface Offer {
  action: Action;
  /** As the record names it. */
  subject: string;
  title: string;
  explanation: ComponentChildren;
  section: OpsSection;
  /** The page it was asked for on, which also tells what became of it. */
  back: string;
  danger?: boolean;
  /** A further field of its form. */
  field?: { name: string; label: string; hint: string; value: string; fault(text: string): string | null };
  preview(): Promise<Preview>;
  /** @returns how many things it touched */
  work(trx: Queryable, form: OfferForm, operator: string): Promise<number>;
}

export interface OfferForm {
  reason: string;
  requestId: string;
  seen: string;
  /** What was typed into the offer's own field. */
  value: string;
}

const SHORTEST = 3;
const LONGEST = 300;

/**
 * Reads the form of an offer.
 *
 * @throws Refusal `invalid_request` for one no page of ours made
 */
export function readOfferForm(body: unknown, field?: Offer['field']): OfferForm {
  const given = (body ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
  const requestId = text('requestId');
  if (!isUuid(requestId)) throw new Refusal('invalid_request', 'The form was not made here.');
  return {
    requestId,
    reason: text('reason').replace(/\s+/g, ' ').trim(),
    seen: text('seen').slice(0, 40),
    value: field ? text(field.name).trim().slice(0, 40) : '',
  };
}

/** What is wrong with a reason, in words for people; null when it may stand on the record for ever. */
export function faultOfReason(reason: string): string | null {
  if (reason.length < SHORTEST || reason.length > LONGEST) return 'دلیل را در ۳ تا ۳۰۰ حرف بنویسید.';
  if (holdsPersonalData(reason))
    return 'دلیل برای همیشه می‌ماند: کد ملی، موبایل و ایمیل در آن ننویسید. شماره پیگیری کافی است.';
  return null;
}

function holdsPersonalData(text: string): boolean {
  const numbers = normaliseInput(text).match(/\+?\d{10,14}/g) ?? [];
  return text.includes('@') || numbers.some((number) => isNationalId(number) || parseMobile(number));
}

/** @throws Refusal `invalid_request` for what is no instant a page of ours gave out */
export function instantOf(text: string): Date {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? new Date(text) : null;
  if (at && !Number.isNaN(at.getTime())) return at;
  throw new Refusal('invalid_request', 'The form was not made here.');
}
