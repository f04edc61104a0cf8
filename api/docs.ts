import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { PROBLEM_JSON } from './problem';

/** The content security policy of the docs page: everything comes from this server; the page sets inline styles. */
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves the OpenAPI document at `/docs/json` and a page to read it at `/docs`. It must be called before the routes are added,
 * because the document is made of their schemas.
 */
export async function addDocs(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ablagh',
        version: '1',
        description:
          'Electronic service of notices to employers. Errors are `application/problem+json` (RFC 9457) with a ' +
          'stable `code`. Times are RFC 3339 in UTC. Unknown fields are refused. Numbers may be written in ' +
          'Persian, Arabic or ASCII digits.',
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'the key `source add` showed once' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: (given) => withRetryAfter(jsonSchemaTransformObject(given) as OpenApiDocument),
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    validatorUrl: false,
    uiConfig: { docExpansion: 'list', deepLinking: true },
  });
}

interface DocumentedAnswer {
  content?: Record<string, unknown>;
  headers?: object;
}
type OpenApiDocument = ReturnType<FastifyInstance['swagger']> & {
  paths?: Record<string, Record<string, { responses?: Record<string, DocumentedAnswer> }>>;
};

/** Adds the `Retry-After` header to the documented problems that pass by themselves; route schemas cannot name headers. */
function withRetryAfter(document: OpenApiDocument): OpenApiDocument {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path));
  for (const { responses = {} } of operations)
    for (const answer of [responses['429'], responses['503']])
      if (answer?.content?.[PROBLEM_JSON])
        answer.headers = { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } };
  return document;
}
