import type { NoticeInput } from '../../core/notices/notice-schema';
import type { Database } from '../../core/platform/database';
import { bearer, type TestApi } from '../api/test-api';
import { addSource, aNotice, nationalId, registerEmployer } from '../support/fixtures';
import { employerIdOf } from '../support/inbox';
import { createVisitor, startSession, type Visitor } from '../support/visitor';

/** An employer of its own, signed in, and the ids of what was served on it. */
export interface Owner {
  nationalId: string;
  employerId: string;
  /** Its browser. */
  browser: Visitor;
  /** Serves a notice through the HTTP door. @returns its id */
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

/** Issues a permit through its form. @returns the passcode, as the copy button has it */
export async function issuePermit({ browser }: Owner, noticeId: string, duration = 'week'): Promise<string> {
  await browser.get(`/inbox/${noticeId}/permit`);
  const { headers } = await browser.post(`/inbox/${noticeId}/permit`, { duration });
  const { body } = await browser.get(String(headers.location));
  const passcode = /data-copy="(\d{10})"/.exec(body)?.[1];
  if (!passcode) throw new Error(`no passcode on ${headers.location}`);
  return passcode;
}

/** The ids of a notice's attachments, in their order. */
export async function attachmentsOf(db: Database, noticeId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'SELECT id FROM attachments WHERE notice_id = $1 ORDER BY position',
    [noticeId],
  );
  return rows.map(({ id }) => id);
}

/** What a person reads of a page: its `<main>` without the tags. */
export const textOf = (html: string): string =>
  (/<main[\s\S]*<\/main>/.exec(html)?.[0] ?? html)
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
