import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { render } from 'preact-render-to-string';
import { REFRESH_SCRIPT, STYLE } from './outbox-assets';
import { OutboxPage } from './outbox-page';
import { parseOutboxQuery, readEmailPage, readMessages } from './read-messages';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The policy of the page: its own style, script and frames, and nothing from elsewhere. */
const PAGE_POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(REFRESH_SCRIPT)}`,
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The policy of an email's frame: foreign HTML may use its own styles, and can neither run scripts nor load anything. */
const EMAIL_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/**
 * Serves what the simulators received: `GET /dev/outbox`, and `GET /dev/outbox/email/:id` for the HTML of one email.
 * The page has no access control and shows everything, login codes too: it is for demonstration machines only.
 *
 * @param simulatorsApiUrl the base URL of the simulators' API, without a slash at the end
 */
export function outboxRoutes(simulatorsApiUrl: string): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.addHook('onSend', async (_request, reply) => {
      reply.headers({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    });

    app.get('/dev/outbox', { schema: { hide: true } as object }, async (request, reply) => {
      const query = parseOutboxQuery(request.query);
      const messages = await readMessages(simulatorsApiUrl, query);
      const view = { query, messages, apiUrl: `${request.protocol}://${request.host}` };
      return reply
        .code(messages ? 200 : 503)
        .header('content-security-policy', PAGE_POLICY)
        .type('text/html; charset=utf-8')
        .send(`<!doctype html>${render(<OutboxPage {...view} />)}`);
    });

    app.get<{ Params: { id: string } }>(
      '/dev/outbox/email/:id',
      { schema: { hide: true } as object },
      async (request, reply) => {
        const { id } = request.params;
        const email = /^\d{1,16}$/.test(id) ? await readEmailPage(simulatorsApiUrl, id) : null;
        return reply
          .code(email ? 200 : 404)
          .header('content-security-policy', EMAIL_POLICY)
          .type(`${email?.type ?? 'text/plain'}; charset=utf-8`)
          .send(email?.body ?? 'این ایمیل پیدا نشد.');
      },
    );
  };
}
