import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RawServerDefault,
} from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { invalidRequest, toFieldFaults } from '../core/notices/parse-notice';
import type { Log } from '../core/platform/log';
import { endConnectionsAtClose } from './end-connections';
import { acceptJsonOnly } from './json-body';
import { answerBrokenRequest, sendProblem } from './problem';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024;

/** The timeouts of the server, in milliseconds. */
const TIMEOUTS_MS = {
  /**
   * The time a connection may stay idle. Node lets a stalled write pass once, so a client that reads nothing is cut off after up to
   * twice this time.
   */
  idle: 60_000,
  headers: 10_000,
  /** The time for a handler. It begins before the body is read, so it also bounds how slowly the body may arrive. */
  handler: 30_000,
  /** The interval at which Node checks for overdue headers. */
  checkInterval: 2_000,
};

/**
 * Creates a server without routes: its limits, how it reads requests, and how it validates them against zod schemas.
 *
 * @param trustedProxies addresses and networks whose `X-Forwarded-For` is trusted, separated by commas
 */
export function createServer(log: Log, trustedProxies = '', timeouts = TIMEOUTS_MS): App {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    trustProxy: trustedProxies || false,
    bodyLimit: DEFAULT_BODY_LIMIT_BYTES,
    handlerTimeout: timeouts.handler,
    connectionTimeout: timeouts.idle,
    // The time of a whole request is unlimited, because a batch may take hours; each handler has its own timeout.
    requestTimeout: 0,
    http: { headersTimeout: timeouts.headers, connectionsCheckingInterval: timeouts.checkInterval },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: sendProblem,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { error: invalidRequest(toFieldFaults(parsed.error)) };
  });
  app.setSerializerCompiler(serializerCompiler);
  acceptJsonOnly(app);
  endConnectionsAtClose(app);
  return app;
}

const requestId = ({ headers }: IncomingMessage): string => {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : randomUUID();
};
