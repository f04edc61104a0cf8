import type { LightMyRequestResponse } from 'fastify';
import type { App } from '../../api/app';
import type { Database } from '../../core/platform/database';
import { createSessions } from '../../core/sessions/sessions';

/** A browser without a screen: it keeps its cookies, and fills in the hidden fields of a form it was shown. */
export interface Visitor {
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** Sends a form. `csrf` is added from the page seen last, unless the fields name their own. */
  post(
    url: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  /** The hidden fields of the forms on the last pages. */
  readonly csrf: string;
  /** The token of the cookie. */
  token: string;
}

/** A visitor with a browser, signed in if a `token` is given; operators have a cookie of their own. */
export function createVisitor(
  app: App,
  token = '',
  remoteAddress = '192.0.2.1',
  cookieName: 'ablagh' | 'ablagh-ops' = 'ablagh',
): Visitor {
  let csrf = '';
  const visitor = { token };
  const note = (answer: LightMyRequestResponse): LightMyRequestResponse => {
    const cookie = answer.cookies.find(({ name }) => name.endsWith(cookieName));
    if (cookie) visitor.token = cookie.value;
    csrf = /name="csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? csrf;
    return answer;
  };
  const cookies = () => (visitor.token ? { [cookieName]: visitor.token } : {});
  return Object.defineProperties(visitor as Visitor, {
    csrf: { get: () => csrf },
    get: {
      value: async (url: string, headers = {}) =>
        note(await app.inject({ url, headers, cookies: cookies(), remoteAddress })),
    },
    post: {
      value: async (url: string, fields = {}, headers = {}) =>
        note(
          await app.inject({
            method: 'POST',
            url,
            headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
            payload: new URLSearchParams({ csrf, ...fields }).toString(),
            cookies: cookies(),
            remoteAddress,
          }),
        ),
    },
  });
}

/** Begins a session of a registered employer. @returns its token */
export async function startSession(db: Database, nationalId = '0499370899'): Promise<string> {
  const [row] = await db.query<{ employerId: string; mobile: string }>(
    'SELECT id AS "employerId", mobile FROM employers WHERE national_id = $1 AND mobile IS NOT NULL',
    [nationalId],
  );
  if (!row) throw new Error(`${nationalId} is not registered with a mobile`);
  return createSessions(db).start(row);
}
