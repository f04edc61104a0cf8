import type { FastifyInstance } from 'fastify';
import { Refusal } from '../../core/platform/errors';

/** What no keyboard types and PostgreSQL does not keep. */
const CONTROL_CHARACTER = /[^\P{Cc}\t\n\r\u0080-\u009f]/u;

/** Turns down what is not text, in the address and in forms, before a page reads it. */
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
