import type { ComponentChildren } from 'preact';
import type { SampledNotice } from '../../../core/operator-console/waiting-alerts';
import type { Action } from '../../../core/operators/audit';
import type { Queryable } from '../../../core/platform/database';
import { Refusal } from '../../../core/platform/errors';
import { isNationalId, parseMobile } from '../../../core/text/identifiers';
import { normaliseInput } from '../../../core/text/normalise';
import { isUuid } from '../../../core/text/uuid';
import type { OpsSection } from '../ops-layout';

/** The items an action would affect if it were performed now. */
export interface ActionPreview {
  count: number;
  /** The Persian noun for the counted items, such as «هشدار» or «مکاتبه ردشده». */
  itemLabel: string;
  sample?: SampledNotice[];
  /** The state the operator decides about, for example the newest item shown. It comes back with the form. */
  snapshot?: string;
  /** The reason why the action is not possible now, in Persian. */
  blockedReason?: string | undefined;
}

/** An action of an operator: previewed before it is performed, performed for a reason, and recorded in the audit log. */
export interface OperatorAction {
  /** The kind of the action in the audit log. */
  auditAction: Action;
  /** The name of the affected thing in the audit log. */
  subject: string;
  title: string;
  explanation: ComponentChildren;
  section: OpsSection;
  /** The page the operator came from; it also shows the outcome. */
  returnPath: string;
  danger?: boolean;
  /** One more field of the form, beside the reason. */
  field?: { name: string; label: string; hint: string; value: string; validate(text: string): string | null };
  preview(): Promise<ActionPreview>;
  /** @returns the number of items that were changed */
  perform(trx: Queryable, form: ActionForm, operator: string): Promise<number>;
}

export interface ActionForm {
  reason: string;
  requestId: string;
  snapshot: string;
  /** The text of the action's own field. */
  value: string;
}

const MIN_REASON_CHARS = 3;
const MAX_REASON_CHARS = 300;

/**
 * Reads the submitted form of an action.
 *
 * @throws Refusal `invalid_request` when no page of ours made the form
 */
export function parseActionForm(body: unknown, field?: OperatorAction['field']): ActionForm {
  const fields = (body ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  const requestId = text('requestId');
  if (!isUuid(requestId)) throw new Refusal('invalid_request', 'The form was not made here.');
  return {
    requestId,
    reason: text('reason').replace(/\s+/g, ' ').trim(),
    snapshot: text('seen').slice(0, 40),
    value: field ? text(field.name).trim().slice(0, 40) : '',
  };
}

/** Returns the fault of a reason in Persian, or null when the audit log may keep the reason for ever. */
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

/** @throws Refusal `invalid_request` when the text is no instant that a page of ours gave out */
export function parseSnapshotTime(text: string): Date {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? new Date(text) : null;
  if (at && !Number.isNaN(at.getTime())) return at;
  throw new Refusal('invalid_request', 'The form was not made here.');
}
