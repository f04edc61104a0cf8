import type { InboxQuery } from '../../core/inbox/list-notices';
import { endOfDay, parseJalaliDate, startOfDay } from '../../core/text/jalali-calendar';
import { normaliseNumber } from '../../core/text/normalise';

/** The fields of the list's form, as they were typed. */
export interface ListForm {
  q: string;
  viewed: '' | 'yes' | 'no';
  from: string;
  to: string;
  workshop: string;
}

export interface ListRequest {
  form: ListForm;
  query: InboxQuery;
  /** The message for each invalid field; such a field filters nothing. */
  errors: { from?: string; to?: string };
}

const MAX_FIELD_CHARACTERS = 200;
const INVALID_DATE_MESSAGE = 'تاریخ را مانند ۱۴۰۳/۰۱/۲۱ بنویسید.';
const REVERSED_PERIOD_MESSAGE = 'این تاریخ پیش از تاریخ آغاز است.';

/** Parses the query string of the list. */
export function parseListRequest(fields: Record<string, unknown>): ListRequest {
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' ? value.trim().slice(0, MAX_FIELD_CHARACTERS) : '';
  };
  const viewed = text('viewed');
  const form: ListForm = {
    q: text('q'),
    viewed: viewed === 'yes' || viewed === 'no' ? viewed : '',
    from: text('from'),
    to: text('to'),
    workshop: text('workshop'),
  };
  const { from, to, errors } = parsePeriod(form);
  const workshopCode = normaliseNumber(form.workshop);
  return {
    form,
    errors,
    query: {
      ...(form.q && { query: form.q }),
      ...(form.viewed && { viewed: form.viewed === 'yes' }),
      ...(from && { from }),
      ...(to && { to }),
      ...(workshopCode && { workshopCode }),
      ...(text('after') && { after: text('after') }),
      ...(text('before') && { before: text('before') }),
    },
  };
}

/** Parses the two dates of the form. The period includes both days. */
function parsePeriod(form: ListForm): { from?: Date; to?: Date; errors: ListRequest['errors'] } {
  const first = form.from ? parseJalaliDate(form.from) : null;
  const last = form.to ? parseJalaliDate(form.to) : null;
  const from = first && startOfDay(first);
  const to = last && endOfDay(last);
  const isReversed = from && to && from >= to;
  return {
    ...(from && { from }),
    ...(to && !isReversed && { to }),
    errors: {
      ...(form.from && !first && { from: INVALID_DATE_MESSAGE }),
      ...(form.to && !last && { to: INVALID_DATE_MESSAGE }),
      ...(isReversed && { to: REVERSED_PERIOD_MESSAGE }),
    },
  };
}

/** Gives the URL of the same list at another position. */
export function listUrl(form: ListForm, position: { after?: string; before?: string } = {}): string {
  const fields = Object.entries({ ...form, ...position }).filter(([, value]) => value);
  const search = new URLSearchParams(fields).toString();
  return search ? `/inbox?${search}` : '/inbox';
}

export const isFiltered = ({ q, viewed, from, to, workshop }: ListForm): boolean =>
  [q, viewed, from, to, workshop].some(Boolean);
