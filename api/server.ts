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

/** How long is waited for whom, in milliseconds. */
const TIMEOUTS_MS = {
  /**
   * For who sends or reads nothing. Node lets a write that stands still pass once, so it takes up to twice as long for
   * one who does not read.
   */
  idle: 60_000,
  headers: 10_000,
  /** It begins before the body is read, so it also bounds how slowly that may come. */
  handler: 30_000,
  /** Node looks for headers that are overdue only every so often. */
  lookEvery: 2_000,
};

/**
 * A server without routes: its limits, and how it reads requests and checks them against zod schemas.
 *
 * @param trustedProxies addresses and networks whose `X-Forwarded-For` is believed, with commas between them
 */
export function createServer(log: Log, trustedProxies = '', patience = TIMEOUTS_MS): App {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    trustProxy: trustedProxies || false,
    bodyLimit: DEFAULT_BODY_LIMIT_BYTES,
    handlerTimeout: patience.handler,
    connectionTimeout: patience.idle,
    // The time a whole request may take is not limited here, for a batch's sake; the handlers' time is.
    requestTimeout: 0,
    http: { headersTimeout: patience.headers, connectionsCheckingInterval: patience.lookEvery },
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
