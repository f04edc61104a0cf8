import type { InboxQuery } from '../../core/inbox/list-notices';
import { endOfDay, parseJalaliDate, startOfDay } from '../../core/text/jalali-calendar';
import { normaliseNumber } from '../../core/text/normalise';

/** What the form of the list holds, as it was typed. */
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
  /** What was wrong with a field, in words for people; such a field filters nothing. */
  errors: { from?: string; to?: string };
}

const MAX_FIELD_CHARACTERS = 200;
const INVALID_DATE_MESSAGE = 'تاریخ را مانند ۱۴۰۳/۰۱/۲۱ بنویسید.';
const REVERSED_PERIOD_MESSAGE = 'این تاریخ پیش از تاریخ آغاز است.';

/** Reads the address of a list. */
export function parseListRequest(given: Record<string, unknown>): ListRequest {
  const text = (name: string) => {
    const value = given[name];
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
  const { from, to, faults } = parsePeriod(form);
  const workshopCode = normaliseNumber(form.workshop);
  return {
    form,
    errors: faults,
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

/** Both days count whole. */
function parsePeriod(form: ListForm): { from?: Date; to?: Date; faults: ListRequest['errors'] } {
  const first = form.from ? parseJalaliDate(form.from) : null;
  const last = form.to ? parseJalaliDate(form.to) : null;
  const from = first && startOfDay(first);
  const to = last && endOfDay(last);
  const upsideDown = from && to && from >= to;
  return {
    ...(from && { from }),
    ...(to && !upsideDown && { to }),
    faults: {
      ...(form.from && !first && { from: INVALID_DATE_MESSAGE }),
      ...(form.to && !last && { to: INVALID_DATE_MESSAGE }),
      ...(upsideDown && { to: REVERSED_PERIOD_MESSAGE }),
    },
  };
}

/** The address of the same list at another place of it. */
export function listUrl(form: ListForm, place: { after?: string; before?: string } = {}): string {
  const given = Object.entries({ ...form, ...place }).filter(([, value]) => value);
  const search = new URLSearchParams(given).toString();
  return search ? `/inbox?${search}` : '/inbox';
}

export const isFiltered = ({ q, viewed, from, to, workshop }: ListForm): boolean =>
  [q, viewed, from, to, workshop].some(Boolean);
