/** An answer that was read to its end. */
export interface Reply {
  status: number;
  headers: Headers;
  body: string;
  url: string;
}

/** Makes a browser without a screen: it keeps its cookies, and sends the forms of the latest page. */
export function createWebClient(base: string, note: (reply: Reply) => void) {
  const cookies = new Map<string, string>();
  let seen = '';

  async function walk(path: string, init: RequestInit = {}): Promise<Reply> {
    const answer = await fetch(`${base}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; '), ...(init.headers as object) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name && value) cookies.set(name, value);
    }
    const reply = { status: answer.status, headers: answer.headers, body: await answer.text(), url: path };
    if (/<form/.test(reply.body)) seen = reply.body;
    note(reply);
    return reply;
  }

  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(seen)?.[1];
  return {
    get: (path: string) => walk(path),

    /** Sends a form with the values of the latest page in the hidden fields that all forms have. */
    post(path: string, fields: Record<string, string> = {}): Promise<Reply> {
      const mine = {
        csrf: hidden('csrf') ?? '',
        requestId: hidden('requestId') ?? '',
        seen: hidden('seen') ?? '',
      };
      return walk(path, { method: 'POST', body: new URLSearchParams({ ...mine, ...fields }) });
    },

    /** Returns the values of its cookies. */
    tokens: () => [...cookies.values()],
  };
}
