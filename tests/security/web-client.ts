/** An answer that was read to its end. */
export interface Reply {
  status: number;
  headers: Headers;
  body: string;
  url: string;
}

/** A browser without a screen, over the network: it keeps its cookies, and sends the forms of the page seen last. */
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

    /** Sends a form, with what the page seen last put into the hidden fields that every form of ours has. */
    post(path: string, fields: Record<string, string> = {}): Promise<Reply> {
      const mine = {
        csrf: hidden('csrf') ?? '',
        requestId: hidden('requestId') ?? '',
        seen: hidden('seen') ?? '',
      };
      return walk(path, { method: 'POST', body: new URLSearchParams({ ...mine, ...fields }) });
    },

    /** The values of its cookies. */
    tokens: () => [...cookies.values()],
  };
}
