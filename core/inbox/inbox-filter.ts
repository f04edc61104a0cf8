import { LEGACY_UNTIL } from '../notices/legacy-portal';
import { normaliseInput, normaliseNumber } from '../text/normalise';

/** What of an inbox is asked for. */
export interface InboxFilter {
  /** Part of a tracking number, a subject or a system's title, as a person typed it. */
  query?: string;
  viewed?: boolean;
  /** Registered at this instant or later. */
  from?: Date;
  /** Registered before this instant. */
  to?: Date;
  workshopCode?: string;
}

/** A place in the list: a row's registration in microseconds since 1970, and its id. */
export interface ListPosition {
  micros: string;
  id: string;
}

const CURSOR = /^(\d{1,16})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const encodeCursor = ({ micros, id }: ListPosition): string => `${micros}-${id}`;

/** @returns null for what never was a cursor of ours */
export function parseCursor(text: string | undefined): ListPosition | null {
  const [, micros, id] = CURSOR.exec(text ?? '') ?? [];
  return micros && id ? { micros, id } : null;
}

/** Persian and Arabic forms of letters and digits as one, and nothing that only spaces or joins. */
const FOLDED_CHARACTERS = 'يىك۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩ \u00a0\u200c\u200d\u061c\u200e\u200f';
const FOLDED_TO = 'ییک01234567890123456789';
const foldedSql = (column: string) => `translate(lower(${column}), '${FOLDED_CHARACTERS}', '${FOLDED_TO}')`;
/** What PostgreSQL cannot take, U+0000, is in no text it holds. */
const foldText = (text: string) =>
  normaliseInput(text)
    .replaceAll('\0', '')
    .replace(/[\s\u200c\u200d]/g, '')
    .toLowerCase();

/**
 * The conditions a filter sets on `notices n`, and their values. There are few texts it can come to, so each
 * is prepared once and planned for what it asks.
 *
 * @param values the values before, to which those of the filter are added
 */
export function filterConditions(filter: InboxFilter, values: unknown[]): string[] {
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions: string[] = [];
  const wanted = foldText(filter.query ?? '');
  if (wanted) conditions.push(searchCondition(wanted, normaliseNumber(filter.query ?? ''), parameter));
  if (filter.viewed === true) conditions.push('n.first_viewed_at IS NOT NULL');
  if (filter.viewed === false) conditions.push(UNVIEWED_SQL);
  if (filter.from) conditions.push(`n.registered_at >= ${parameter(filter.from)}`);
  if (filter.to) conditions.push(`n.registered_at < ${parameter(filter.to)}`);
  if (filter.workshopCode) conditions.push(`n.workshop_code = ${parameter(filter.workshopCode)}`);
  return conditions;
}

/** What waits to be viewed: the previous portal's notices are not viewed here. */
export const UNVIEWED_SQL = `n.first_viewed_at IS NULL AND n.registered_at >= '${LEGACY_UNTIL.toISOString()}'`;

function searchCondition(wanted: string, number: string, parameter: (value: unknown) => string): string {
  const text = parameter(wanted);
  const places = [
    `strpos(${foldedSql('n.subject')}, ${text}) > 0`,
    `n.source_id IN (SELECT s.id FROM source_systems s WHERE strpos(${foldedSql('s.title')}, ${text}) > 0)`,
  ];
  // A tracking number is written with dashes and the like, which a subject keeps.
  if (/^\d+$/.test(number)) places.push(`strpos(n.tracking_number::text, ${parameter(number)}) > 0`);
  return `(${places.join(' OR ')})`;
}

/** The condition of being after (older than) or before (newer than) a place in the list. */
export function positionCondition(place: ListPosition, side: 'older' | 'newer', values: unknown[]): string {
  const micros = `$${values.push(place.micros)}`;
  const id = `$${values.push(place.id)}`;
  const sign = side === 'older' ? '<' : '>';
  return `(n.registered_at, n.id) ${sign} (${instantSql(micros)}, ${id}::uuid)`;
}

/** Exact, which a conversion by seconds would not be. */
const instantSql = (micros: string) => `(timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond')`;
export const microsecondsSql = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint`;
