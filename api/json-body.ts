import type { FastifyInstance } from 'fastify';
import { jsonTooComplex } from '../core/notices/parse-notice';
import { Refusal } from '../core/platform/errors';
import { isWithinJsonLimits } from '../core/text/json-limits';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Takes JSON bodies and nothing else. Broken UTF-8 is refused: read leniently, a person's name would be
 * stored with holes in it. What would cost far more to read than it cost to send is not read.
 */
export function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      if (isWithinJsonLimits(body as Buffer)) parse(request, utf8.decode(body as Buffer), done);
      else done(jsonTooComplex());
    } catch {
      done(new Refusal('invalid_request', 'The body is not UTF-8.'));
    }
  });
}
