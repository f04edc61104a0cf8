import { createHash } from 'node:crypto';
import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { createEmployers } from '../core/employers/employers';
import { createEvents } from '../core/events/events';
import { createInquiries, inquiryOptions } from '../core/inquiries/inquiries';
import { type AcceptDependencies, acceptNotices } from '../core/notices/accept-notices';
import type { Acceptor } from '../core/notices/acceptor';
import { createSenderNoticeReader } from '../core/notices/sender-notice-view';
import type { Config } from '../core/platform/config';
import type { Database } from '../core/platform/database';
import { secretKeysOf } from '../core/platform/derived-keys';
import { Refusal } from '../core/platform/errors';
import type { Metrics } from '../core/platform/metrics';
import { createSourceSystems } from '../core/sources/source-systems';
import { identifyCaller } from './auth';
import { type BodyMemoryBudget, createBodyMemoryBudget, limitBodyMemory } from './body-memory-budget';
import { batchRoutes } from './routes/batch';
import { employerRoutes } from './routes/employers';
import { eventRoutes } from './routes/events';
import { inquiryRoutes } from './routes/inquiries';
import { noticeRoutes } from './routes/notices';
import type { App } from './server';

export interface SystemDependencies {
  config: Pick<
    Config<'SECRET_KEY'>,
    | 'SECRET_KEY'
    | 'SECRET_KEY_PREVIOUS'
    | 'RATE_LIMIT_PER_SECOND'
    | 'PUBLIC_URL'
    | 'INQUIRY_SMS'
    | 'SMS_SUFFIX'
  >;
  db: Database;
  /** The dependencies of accepting batches; single notices go through the acceptor. */
  acceptance: AcceptDependencies;
  acceptor: Acceptor;
  metrics: Pick<Metrics, 'countNotices'>;
  /** Milliseconds during which a group of a batch is tried again while PostgreSQL is away. */
  batchRetryMs?: number;
  /** The memory budget of large bodies. */
  bodyMemory?: BodyMemoryBudget;
}

/** The routes of internal systems. Each needs an API key and counts against the key's rate. */
export function systemRoutes({
  config,
  db,
  acceptance,
  acceptor,
  metrics,
  batchRetryMs = 10_000,
  bodyMemory = createBodyMemoryBudget(),
}: SystemDependencies) {
  return async (v1: App): Promise<void> => {
    await v1.register(fastifyRateLimit, {
      global: false,
      max: config.RATE_LIMIT_PER_SECOND,
      timeWindow: 1_000,
      keyGenerator: rateLimitKey,
    });
    v1.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { 'content-encoding': encoding = 'identity' } = request.headers;
      if (encoding !== 'identity')
        throw new Refusal('unsupported_media_type', 'Compressed bodies are not taken.');
    });
    v1.decorateRequest('caller', null);
    // The rate limit comes before the key is looked up, so that it also slows down the guessing of keys.
    v1.addHook('onRequest', v1.rateLimit());
    const sources = createSourceSystems(db);
    v1.addHook('onRequest', identifyCaller(sources));
    v1.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, security: [{ apiKey: [] }] };
    });
    limitBodyMemory(v1, bodyMemory);
    await v1.register(noticeRoutes({ acceptor, reader: createSenderNoticeReader(db), metrics }));
    await v1.register(
      batchRoutes({
        accept: (submissions) => acceptNotices(acceptance, submissions),
        metrics,
        retryForMs: batchRetryMs,
        bodyMemory,
      }),
    );
    await v1.register(employerRoutes(createEmployers(db)));
    await v1.register(eventRoutes(createEvents(db)));
    const inquiries = createInquiries(db, secretKeysOf(config), inquiryOptions(config));
    await v1.register(inquiryRoutes({ inquiries, sources, publicUrl: config.PUBLIC_URL }));
  };
}

/** Counts requests by the hash of their key, so that no key stays in memory; without a key, by address. */
const rateLimitKey = ({ headers, ip }: FastifyRequest): string =>
  headers.authorization ? createHash('sha256').update(headers.authorization).digest('base64') : ip;
