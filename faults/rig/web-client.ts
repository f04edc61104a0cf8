import type { AcknowledgedNotice } from './ledger';
import type { Population } from './population';

/** The pages and the API as people and government bodies use them. Every function throws when there is no answer of 200. */
export interface WebClient {
  /** Views a notice as its owner. */
  viewNotice(notice: AcknowledgedNotice): Promise<void>;
  /** Lists the notice ids of an employer's inbox, each as often as its pages list it. */
  listInbox(nationalId: string): Promise<string[]>;
  /** Issues a permit as the owner. Safe to repeat. @returns the passcode */
  issuePermit(notice: AcknowledgedNotice): Promise<string>;
  /** Uses a permit as a government body. @returns the HTTP status, whatever it is */
  inquire(nationalId: string, passcode: string): Promise<number>;
}

const REQUEST_TIMEOUT_MS = 8_000;

export function createWebClient(apiUrl: string, { employers, inquiryKey }: Population): WebClient {
  const tokens = new Map(employers.map(({ nationalId, token }) => [nationalId, token]));
  let asked = 0;

  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, apiUrl), {
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...init,
    });

  const read = async (path: string, nationalId: string): Promise<string> => {
    const answer = await ask(path, { headers: cookieOf(nationalId) });
    const body = await answer.text();
    if (answer.status !== 200) throw new Error(`a page answered ${answer.status}`);
    return body;
  };
  const cookieOf = (nationalId: string) => ({ cookie: `ablagh=${tokens.get(nationalId)}` });

  return {
    async viewNotice({ answer, nationalId }) {
      await read(`/inbox/${answer.id}`, nationalId);
    },

    async listInbox(nationalId) {
      const ids: string[] = [];
      for (let path = '/inbox'; path; ) {
        const page = await read(path, nationalId);
        for (const [, id] of page.matchAll(/href="\/inbox\/([0-9a-f-]{36})"/g)) ids.push(id as string);
        path = /rel="next" href="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
      }
      return ids;
    },

    async issuePermit({ answer: { id }, nationalId }) {
      const form = await read(`/inbox/${id}/permit`, nationalId);
      const csrf = /name="csrf" value="([^"]+)"/.exec(form)?.[1] ?? '';
      const body = new URLSearchParams({ csrf, duration: 'day' });
      await ask(`/inbox/${id}/permit`, { method: 'POST', headers: cookieOf(nationalId), body });
      const issued = await read(`/inbox/${id}/permit/issued`, nationalId);
      const passcode = /data-copy="(\d{10})"/.exec(issued)?.[1];
      if (!passcode) throw new Error('no passcode is shown');
      return passcode;
    },

    async inquire(nationalId, passcode) {
      asked += 1;
      const answer = await ask('/v1/inquiries', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${inquiryKey}`,
          'content-type': 'application/json',
          // With one address for all, an expired permit would soon lock every inquirer out.
          'x-forwarded-for': `10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`,
        },
        body: JSON.stringify({ nationalId, passcode }),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
  };
}
