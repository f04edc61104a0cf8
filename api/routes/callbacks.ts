import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { createCallbacks } from '../../core/alerts/callbacks';
import { Refusal } from '../../core/platform/errors';

interface CallbackRouteDependencies {
  callbacks: Pick<ReturnType<typeof createCallbacks>, 'record'>;
  /** The accepted last segments of the address. */
  secrets: string[];
}

/** A delivery report of Kavenegar, whose message ids are 64-bit integers. Anything else is answered alike and not kept. */
const reportSchema = z.object({
  messageid: z.coerce.string().regex(/^\d{1,19}$/),
  status: z.coerce
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number),
});

/** The addresses to which providers push delivery reports. Known, unknown, repeated and malformed reports are answered alike. */
export const callbackRoutes =
  ({ callbacks, secrets }: CallbackRouteDependencies): FastifyPluginAsyncZod =>
  async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'string' },
      async (request: FastifyRequest, body: string | Buffer) =>
        parseFields(request.headers['content-type'], String(body)),
    );

    app.route({
      method: ['GET', 'POST'],
      url: '/callbacks/kavenegar/:secret',
      exposeHeadRoute: false,
      schema: { hide: true },
      onRequest: async (request) => {
        const { secret: given } = request.params as { secret: string };
        if (!secrets.some((secret) => equalsInConstantTime(given, secret)))
          throw new Refusal('not_found', 'There is nothing at this address.');
      },
      handler: async (request) => {
        const report = reportSchema.safeParse({ ...fieldsOf(request.query), ...fieldsOf(request.body) });
        if (report.success) await callbacks.record(report.data.messageid, report.data.status);
        return {};
      },
    });
  };

/** Compares in constant time for a given length; the length of the secret is no secret. */
function equalsInConstantTime(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function parseFields(contentType: string | undefined, body: string): unknown {
  if (!contentType?.includes('json')) return Object.fromEntries(new URLSearchParams(body));
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}

const fieldsOf = (fields: unknown): object => (typeof fields === 'object' && fields !== null ? fields : {});
