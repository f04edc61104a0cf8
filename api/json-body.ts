import type { FastifyInstance } from 'fastify';
import { jsonTooComplex } from '../core/notices/parse-notice';
import { Refusal } from '../core/platform/errors';
import { isWithinJsonLimits } from '../core/text/json-limits';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Accepts JSON bodies and no others. Broken UTF-8 is refused, because a lenient reader would store a person's name with holes in it.
 * JSON that costs far more to parse than to send is refused unparsed.
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
