import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { KavenegarSimulator } from './kavenegar-simulator';
import { listenOnLoopback } from './listen-on-loopback';
import type { SmtpSimulator } from './smtp-simulator';

/** JSON over HTTP for the page that shows the messages. */
export interface MessagesApi {
  /** Starts on 127.0.0.1. @returns the base URL, without a slash at the end */
  listen(port?: number): Promise<string>;
  close(): Promise<void>;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
/** The policy for an email's page. The email is a stranger's content: it may show its looks, and run nothing. */
const INERT_PAGE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * Serves the messages of both simulators. `GET /messages?after=N&limit=M` answers `{sms, emails}`, each the newest first, with
 * ids above N, at most M of each. `GET /email/{id}/html` answers the page of one email, or its text.
 */
export function createMessagesApi(kavenegar: KavenegarSimulator, smtp: SmtpSimulator): MessagesApi {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const email = /^\/email\/(\d+)\/html$/.exec(pathname);
    if (!isLocal(request)) send(response, 403, 'text/plain', '');
    else if (request.method === 'GET' && pathname === '/messages') sendMessages(response, searchParams);
    else if (request.method === 'GET' && email) sendEmail(response, Number(email[1]));
    else send(response, 404, 'text/plain', '');
  });

  function sendMessages(response: ServerResponse, query: URLSearchParams): void {
    const after = Number(query.get('after')) || 0;
    const limit = Math.min(Number(query.get('limit')) || DEFAULT_LIMIT, MAX_LIMIT);
    const emails = smtp.latest(limit, after).map(({ raw: _raw, html, ...email }) => ({
      ...email,
      hasHtml: html !== null,
    }));
    send(response, 200, 'application/json', JSON.stringify({ sms: kavenegar.latest(limit, after), emails }));
  }

  function sendEmail(response: ServerResponse, id: number): void {
    const email = smtp.find(id);
    if (!email) send(response, 404, 'text/plain', '');
    else if (email.html === null) send(response, 200, 'text/plain', email.text ?? '');
    else send(response, 200, 'text/html', email.html);
  }

  return {
    listen: async (port) => `http://127.0.0.1:${await listenOnLoopback(server, port)}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Whether the request names this machine. A page elsewhere could point its own name here, and the messages hold login codes. */
const isLocal = ({ headers }: IncomingMessage): boolean =>
  /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(headers.host ?? '');

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': INERT_PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
}
