import type { Knex } from 'knex';
import { LEGACY_UNTIL } from '../notices/legacy-portal';
import { queryBuilder } from '../platform/statement';
import { normaliseInput, normaliseNumber } from '../text/normalise';

/** The conditions an employer sets on the list. */
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

/** A position in the list: the registration of a notice in microseconds since 1970, and its id. */
export interface ListPosition {
  microseconds: string;
  id: string;
}

const CURSOR_PATTERN = /^(\d{1,16})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const encodeCursor = ({ microseconds, id }: ListPosition): string => `${microseconds}-${id}`;

/** @returns null when the text is not a cursor of this list */
export function parseCursor(text: string | undefined): ListPosition | null {
  const [, microseconds, id] = CURSOR_PATTERN.exec(text ?? '') ?? [];
  return microseconds && id ? { microseconds, id } : null;
}

/**
 * Characters that a search treats as equal: Persian and Arabic letters and digits become one form; spaces, joiners and direction
 * marks, which have no counterpart in `FOLDED_TO`, are removed.
 */
const FOLDED_FROM = 'يىك۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩ \u00a0\u200c\u200d\u061c\u200e\u200f';
const FOLDED_TO = 'ییک01234567890123456789';
const foldedSql = (column: string) => `translate(lower(${column}), '${FOLDED_FROM}', '${FOLDED_TO}')`;
/** Folds a typed text like a column. It removes U+0000 as well, which PostgreSQL refuses and no column contains. */
const foldText = (text: string) =>
  normaliseInput(text)
    .replaceAll('\0', '')
    .replace(/[\s\u200c\u200d]/g, '')
    .toLowerCase();

/** Selects notices that wait to be viewed. Notices of the legacy portal are not viewed in this system. */
export const UNVIEWED_SQL = `n.first_viewed_at IS NULL AND n.registered_at >= '${LEGACY_UNTIL.toISOString()}'`;

/** Adds the conditions of a filter to a query of `notices as n`. A filter can produce few texts, so each is prepared once. */
export function applyFilter(notices: Knex.QueryBuilder, filter: InboxFilter): void {
  const search = foldText(filter.query ?? '');
  if (search) notices.where((where) => applySearch(where, search, normaliseNumber(filter.query ?? '')));
  if (filter.viewed === true) notices.whereNotNull('n.first_viewed_at');
  if (filter.viewed === false) notices.whereRaw(UNVIEWED_SQL);
  if (filter.from) notices.where('n.registered_at', '>=', filter.from);
  if (filter.to) notices.where('n.registered_at', '<', filter.to);
  if (filter.workshopCode) notices.where('n.workshop_code', filter.workshopCode);
}

function applySearch(where: Knex.QueryBuilder, search: string, number: string): void {
  const contains = (column: string) => queryBuilder.raw(`strpos(${foldedSql(column)}, ?) > 0`, [search]);
  where
    .where(contains('n.subject'))
    .orWhereIn('n.source_id', queryBuilder('source_systems as s').select('s.id').where(contains('s.title')));
  // People type a tracking number with dashes and spaces, which the search of a subject keeps.
  if (/^\d+$/.test(number)) where.orWhereRaw('strpos(n.tracking_number::text, ?) > 0', [number]);
}

/**
 * Gives the condition that `notices n` are older (after) or newer (before) than a position. `microseconds` and `id` are SQL
 * expressions. Whole microseconds are added to the epoch: a conversion from fractional seconds would round.
 */
export const positionSql = (side: 'older' | 'newer', microseconds: string, id: string): string =>
  `(n.registered_at, n.id) ${side === 'older' ? '<' : '>'}
   (timestamptz 'epoch' + ${microseconds}::bigint * interval '1 microsecond', ${id}::uuid)`;
export const microsecondsSql = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint`;
