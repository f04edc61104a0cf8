import type { FastifyInstance } from 'fastify';
import { Refusal } from '../core/platform/errors';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Takes JSON bodies and nothing else. Broken UTF-8 is refused: read leniently, a person's name would be
 * stored with holes in it.
 */
export function takeJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      parse(request, utf8.decode(body as Buffer), done);
    } catch {
      done(new Refusal('invalid_request', 'The body is not UTF-8.'));
    }
  });
}
