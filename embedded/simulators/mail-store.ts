import { simpleParser } from 'mailparser';
import type { IdSource } from './id-source';
import { openJournal } from './journal';
import { createMessageLog } from './message-log';

/** An email that arrived. */
export interface SimulatedEmail {
  id: number;
  /** The Message-ID with its angle brackets; empty when there is none. */
  messageId: string;
  /** The sender as the header has it. */
  from: string;
  /** The recipients, by the envelope. */
  to: string[];
  subject: string;
  html: string | null;
  text: string | null;
  /** Values by lower-case name, unfolded, as sent; the last of repeated ones. */
  headers: Record<string, string>;
  at: Date;
  raw: string;
}

/** The number of emails that are remembered; the oldest are dropped first. */
const MAX_EMAILS = 5_000;

export interface MailStore {
  add(raw: Buffer, to: string[]): Promise<void>;
  /** Lists the emails, the oldest first. */
  messages(): SimulatedEmail[];
  /** Lists the emails with an id above `after`, the newest first. */
  latest(limit: number, after?: number): SimulatedEmail[];
  find(id: number): SimulatedEmail | undefined;
  close(): Promise<void>;
}

export function createMailStore(ids: IdSource, journalPath?: string): MailStore {
  const log = createMessageLog<SimulatedEmail>(MAX_EMAILS, () => {});
  const journal = journalPath
    ? openJournal<SimulatedEmail>(
        journalPath,
        (email) => {
          ids.skipPast(email.id);
          log.append({ ...email, at: new Date(email.at) });
          return true;
        },
        MAX_EMAILS,
      )
    : undefined;
  return {
    async add(raw, to) {
      const at = new Date();
      const content = await parse(raw);
      const email = { id: ids.next(at.getTime()), to, at, ...content };
      log.append(email);
      journal?.append(email);
    },
    messages: log.all,
    latest: (limit, after = 0) => log.latest(limit, after),
    find: log.find,
    close: async () => journal?.close(),
  };
}

async function parse(raw: Buffer): Promise<Omit<SimulatedEmail, 'id' | 'to' | 'at'>> {
  const mail = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true });
  return {
    messageId: mail.messageId ?? '',
    from: mail.from?.text ?? '',
    subject: mail.subject ?? '',
    html: mail.html || null,
    text: mail.text ?? null,
    headers: Object.fromEntries(
      mail.headerLines.map(({ key, line }) => [
        key,
        line
          .slice(key.length + 1)
          .replace(/\r?\n/g, '')
          .trim(),
      ]),
    ),
    raw: raw.toString('utf8'),
  };
}
