import type { NoticeInput } from '../../core/notices/notice-schema';
import type { Database } from '../../core/platform/database';
import { bearer, type TestApi } from '../api/test-api';
import { addSource, aNotice, nationalId, registerEmployer } from '../support/fixtures';
import { employerIdOf } from '../support/inbox';
import { createVisitor, startSession, type Visitor } from '../support/visitor';

/** A new employer who is signed in. */
export interface Owner {
  nationalId: string;
  employerId: string;
  /** The employer's browser. */
  browser: Visitor;
  /** Serves a notice through the HTTP API. @returns the id of the notice */
  serve(notice?: Partial<Omit<NoticeInput, 'recipient'>>): Promise<string>;
}

let owners = 700_000;

export async function anOwner(api: TestApi, db: Database): Promise<Owner> {
  owners += 1;
  const id = nationalId(owners);
  await registerEmployer(db, { nationalId: id });
  const { apiKey } = await addSource(db);
  return {
    nationalId: id,
    employerId: await employerIdOf(db, id),
    browser: createVisitor(api.app, await startSession(db, id)),
    async serve(notice = {}) {
      const answer = await api.app.inject({
        method: 'POST',
        url: '/v1/notices',
        headers: { ...bearer(apiKey), 'content-type': 'application/json' },
        payload: JSON.stringify(aNotice({ ...notice, recipient: { nationalId: id } })),
      });
      if (answer.statusCode !== 202) throw new Error(answer.body);
      return answer.json<{ id: string }>().id;
    },
  };
}

/** Issues a permit through the form. @returns the passcode that the copy button copies */
export async function issuePermit({ browser }: Owner, noticeId: string, duration = 'week'): Promise<string> {
  await browser.get(`/inbox/${noticeId}/permit`);
  const { headers } = await browser.post(`/inbox/${noticeId}/permit`, { duration });
  const { body } = await browser.get(String(headers.location));
  const passcode = /data-copy="(\d{10})"/.exec(body)?.[1];
  if (!passcode) throw new Error(`no passcode on ${headers.location}`);
  return passcode;
}

/** Reads the ids of a notice's attachments, in order. */
export async function attachmentsOf(db: Database, noticeId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'SELECT id FROM attachments WHERE notice_id = $1 ORDER BY position',
    [noticeId],
  );
  return rows.map(({ id }) => id);
}

/** Returns the text that a person reads on a page: `<main>` without the tags. */
export const textOf = (html: string): string =>
  (/<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html)
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
