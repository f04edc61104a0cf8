import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../core/platform/errors';

/** Control characters: no keyboard types them, and PostgreSQL refuses U+0000. */
const CONTROL_CHARACTER = /[^\P{Cc}\t\n\r\u0080-\u009f]/u;

/** @throws Refusal `invalid_request`, from the requests, for control characters or broken Unicode in the URL or a form */
export function rejectMalformedText(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ query, body, params }) => {
    for (const fields of [query, body, params]) {
      for (const text of Object.values((fields ?? {}) as Record<string, unknown>).flat()) {
        if (typeof text === 'string' && (CONTROL_CHARACTER.test(text) || !text.isWellFormed()))
          throw new Refusal('invalid_request', 'A field holds what is not text.');
      }
    }
  });
}
