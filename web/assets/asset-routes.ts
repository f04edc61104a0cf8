import type { FastifyInstance } from 'fastify';
import { ASSETS } from './urls';

const HEADERS = {
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'same-origin',
};

/** Serves style sheets, scripts, icon and font. Browsers keep each for ever, under a path that changes with it. */
export async function assetRoutes(app: FastifyInstance): Promise<void> {
  for (const [url, { type, content }] of ASSETS) {
    app.get(url, { schema: { hide: true } as object }, async (_request, reply) =>
      reply.headers(HEADERS).type(type).send(content),
    );
  }
}
