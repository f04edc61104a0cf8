import { localMobile, parseMobile } from '../../core/text/identifiers';
import { normaliseInput } from '../../core/text/normalise';
import type { SimulatedSms } from '../simulators/kavenegar-store';
import type { SimulatedEmail } from '../simulators/mail-store';

export type OutboxSms = Pick<
  SimulatedSms,
  'id' | 'receptor' | 'sender' | 'text' | 'parts' | 'cost' | 'status' | 'at'
>;
export type OutboxEmail = Pick<
  SimulatedEmail,
  'id' | 'from' | 'to' | 'subject' | 'text' | 'headers' | 'at'
> & {
  hasHtml: boolean;
};

/** The query parameters of the page. */
export interface OutboxQuery {
  /** A whole mobile number, or a part of a number or email address; '' selects all receivers. */
  to: string;
  /** The page number, from 1. */
  page: number;
}

/** One page of received messages, newest first within each kind. */
export interface OutboxMessages {
  sms: OutboxSms[];
  emails: OutboxEmail[];
  /** Whether an older page exists. */
  more: boolean;
}

const MESSAGES_PER_PAGE = 50;
/** The longest list that the simulators give, and therefore the reach of the pages. */
const MAX_LISTED_MESSAGES = 1_000;
const SIMULATOR_TIMEOUT_MS = 3_000;

/** Parses the query parameters of the page. An invalid value counts as absent. */
export function parseOutboxQuery(query: unknown): OutboxQuery {
  const { to, page } = (query ?? {}) as Record<string, unknown>;
  const number = typeof page === 'string' && /^\d{1,2}$/.test(page) ? Number(page) : 1;
  return {
    to: typeof to === 'string' ? normaliseInput(to).slice(0, 254) : '',
    page: Math.min(Math.max(number, 1), MAX_LISTED_MESSAGES / MESSAGES_PER_PAGE),
  };
}

/**
 * Reads one page from the simulators: 50 messages, SMS and emails together.
 *
 * @returns null when they do not answer
 */
export async function readMessages(
  apiUrl: string,
  { to, page }: OutboxQuery,
): Promise<OutboxMessages | null> {
  const end = page * MESSAGES_PER_PAGE;
  const listed = await listReceived(
    apiUrl,
    to ? MAX_LISTED_MESSAGES : Math.min(end + 1, MAX_LISTED_MESSAGES),
  );
  if (!listed) return null;
  const isWanted = addressMatcher(to);
  const sms = listed.sms.filter(({ receptor }) => isWanted(receptor));
  const emails = listed.emails.filter((email) => email.to.some(isWanted));
  const ids = [...sms, ...emails].map(({ id }) => id).sort((a, b) => b - a);
  const wanted = new Set(ids.slice(end - MESSAGES_PER_PAGE, end));
  return {
    sms: sms.filter(({ id }) => wanted.has(id)),
    emails: emails.filter(({ id }) => wanted.has(id)),
    more: ids.length > end && end < MAX_LISTED_MESSAGES,
  };
}

async function listReceived(
  apiUrl: string,
  limit: number,
): Promise<Pick<OutboxMessages, 'sms' | 'emails'> | null> {
  try {
    const signal = AbortSignal.timeout(SIMULATOR_TIMEOUT_MS);
    const response = await fetch(`${apiUrl}/messages?limit=${limit}`, { signal });
    if (!response.ok) return null;
    const { sms, emails } = (await response.json()) as Pick<OutboxMessages, 'sms' | 'emails'>;
    return { sms: sms.map(reviveDate), emails: emails.map(reviveDate) };
  } catch {
    // The simulators are down or restarting: the page shows that and refreshes itself.
    return null;
  }
}

/** Turns the JSON text of an instant back into a Date. */
const reviveDate = <Message extends { at: Date }>(message: Message): Message => ({
  ...message,
  at: new Date(message.at),
});

function addressMatcher(to: string): (address: string) => boolean {
  const mobile = parseMobile(to);
  if (mobile) return (address) => address === localMobile(mobile);
  const part = to.toLowerCase();
  return (address) => address.toLowerCase().includes(part);
}

/** Reads the HTML or text of one email as it was sent; null when it does not exist or the simulators do not answer. */
export async function readEmailPage(
  apiUrl: string,
  id: string,
): Promise<{ type: string; body: string } | null> {
  try {
    const signal = AbortSignal.timeout(SIMULATOR_TIMEOUT_MS);
    const response = await fetch(`${apiUrl}/email/${encodeURIComponent(id)}/html`, { signal });
    if (!response.ok) return null;
    const html = response.headers.get('content-type')?.startsWith('text/html');
    return { type: html ? 'text/html' : 'text/plain', body: await response.text() };
  } catch {
    return null;
  }
}
