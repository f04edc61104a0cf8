import type { ComponentChildren } from 'preact';
import type { SampledNotice } from '../../../core/operator-console/waiting-alerts';
import type { Action } from '../../../core/operators/audit';
import type { Queryable } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { isNationalId, parseMobile } from '../../../core/text/identifiers';
import { normaliseInput } from '../../../core/text/normalise';
import { isUuid } from '../../../core/text/uuid';
import type { OpsSection } from '../ops-layout';

/** What an action would touch if it were done now. */
export interface ActionPreview {
  count: number;
  /** In words: «هشدار», «مکاتبه ردشده». */
  itemLabel: string;
  sample?: SampledNotice[];
  /** What was decided about, such as where that which was shown ends; it comes back with the form. */
  snapshot?: string;
  /** Why it cannot be done now. */
  blockedReason?: string | undefined;
}

/** Something an operator can do: shown with what it will touch, done with a reason, and put on the record. */
export interface OperatorAction {
  action: Action;
  /** As the record names it. */
  subject: string;
  title: string;
  explanation: ComponentChildren;
  section: OpsSection;
  /** The page it was asked for on, which also tells what became of it. */
  returnPath: string;
  danger?: boolean;
  /** A further field of its form. */
  field?: { name: string; label: string; hint: string; value: string; fault(text: string): string | null };
  preview(): Promise<ActionPreview>;
  /** @returns how many things it touched */
  perform(trx: Queryable, form: ActionForm, operator: string): Promise<number>;
}

export interface ActionForm {
  reason: string;
  requestId: string;
  snapshot: string;
  /** What was typed into the offer's own field. */
  value: string;
}

const MIN_REASON_CHARS = 3;
const MAX_REASON_CHARS = 300;

/**
 * Reads the form of an offer.
 *
 * @throws Refusal `invalid_request` for one no page of ours made
 */
export function parseActionForm(body: unknown, field?: OperatorAction['field']): ActionForm {
  const given = (body ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof given[name] === 'string' ? given[name] : '');
  const requestId = text('requestId');
  if (!isUuid(requestId)) throw new Refusal('invalid_request', 'The form was not made here.');
  return {
    requestId,
    reason: text('reason').replace(/\s+/g, ' ').trim(),
    snapshot: text('seen').slice(0, 40),
    value: field ? text(field.name).trim().slice(0, 40) : '',
  };
}

/** What is wrong with a reason, in words for people; null when it may stand on the record for ever. */
export function reasonError(reason: string): string | null {
  if (reason.length < MIN_REASON_CHARS || reason.length > MAX_REASON_CHARS)
    return 'دلیل را در ۳ تا ۳۰۰ حرف بنویسید.';
  if (containsPersonalData(reason))
    return 'دلیل برای همیشه می‌ماند: کد ملی، موبایل و ایمیل در آن ننویسید. شماره پیگیری کافی است.';
  return null;
}

function containsPersonalData(text: string): boolean {
  const numbers = normaliseInput(text).match(/\+?\d{10,14}/g) ?? [];
  return text.includes('@') || numbers.some((number) => isNationalId(number) || parseMobile(number));
}

/** @throws Refusal `invalid_request` for what is no instant a page of ours gave out */
export function parseSnapshotTime(text: string): Date {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? new Date(text) : null;
  if (at && !Number.isNaN(at.getTime())) return at;
  throw new Refusal('invalid_request', 'The form was not made here.');
}
