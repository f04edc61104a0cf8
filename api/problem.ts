import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type FieldFault, LockedOut, Refusal, Unavailable } from '../core/platform/errors';

/** The HTTP status of each code; codes that are not listed are refusals of a notice's content, 422. */
const STATUS_BY_CODE: Record<string, number> = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  no_permit: 404,
  reference_conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  locked_out: 429,
  internal: 500,
  unavailable: 503,
};

/** The detail of a problem whose cause has no message, or none that may leave the server. */
const DETAIL_BY_CODE: Record<string, string> = {
  invalid_request: 'The request cannot be read.',
  not_found: 'There is nothing at this address.',
  too_large: 'The request is too large.',
  unsupported_media_type: 'The content type is not one this address takes.',
  rate_limited: 'Too many requests in one second.',
  internal: 'Something went wrong on our side; the cause is recorded under the request id.',
  unavailable: 'The service cannot answer right now; the same request may succeed later.',
};

/** The codes of requests that Fastify itself refuses, by the status it gives them. */
const CODE_BY_STATUS: Record<number, string> = {
  404: 'not_found',
  413: 'too_large',
  // A parameter longer than any identifier.
  414: 'not_found',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

const HEADERS_BY_CODE: Record<string, Record<string, string>> = {
  unauthorized: { 'www-authenticate': 'Bearer' },
  unavailable: { 'retry-after': '5' },
};

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().meta({ description: 'stable; what programs should look at' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457',
    example: {
      type: 'urn:ablagh:problem:no_service_agreement',
      title: 'No service agreement',
      status: 422,
      detail: 'The workshop has no agreement on electronic service: serve on paper.',
      code: 'no_service_agreement',
    },
  });
export type Problem = z.infer<typeof problemSchema>;

export const PROBLEM_JSON = 'application/problem+json';

/** Turns any thrown error into a problem, without anything that is not meant for the caller. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return createProblem(error.code, error.message, error.faults);
  if (error instanceof Unavailable) return createProblem(error.code);
  const { statusCode = 500 } = error as Partial<FastifyError>;
  return createProblem(CODE_BY_STATUS[statusCode] ?? (statusCode < 500 ? 'invalid_request' : 'internal'));
}

function createProblem(
  code: string,
  detail = DETAIL_BY_CODE[code] ?? code,
  faults: FieldFault[] = [],
): Problem {
  const words = code.replaceAll('_', ' ');
  return {
    type: `urn:ablagh:problem:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status: STATUS_BY_CODE[code] ?? 422,
    detail,
    code,
    ...(faults.length > 0 && { errors: faults }),
  };
}

/**
 * Answers a request whose handling threw, and logs the cause of a server error once.
 *
 * @param write sends the answer; its status and headers are set before
 */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  write: (answer: Problem) => FastifyReply = (answer) => writeJson(reply, answer),
): FastifyReply {
  const answer = problemOf(error);
  if (answer.status >= 500) logError(error, answer.status, request);
  // A handler that ran out of time may not have read the whole body: the rest must not be taken for the next request.
  if ((error as FastifyError).code === 'FST_ERR_HANDLER_TIMEOUT') reply.header('connection', 'close');
  reply.code(answer.status).headers(HEADERS_BY_CODE[answer.code] ?? {});
  if (error instanceof LockedOut) reply.header('retry-after', String(error.retryAfter));
  return write(answer);
}

/** Sends the problem as bytes: Fastify would add a charset to a string, which this media type does not have. */
const writeJson = (reply: FastifyReply, answer: Problem): FastifyReply =>
  reply.type(PROBLEM_JSON).send(Buffer.from(JSON.stringify(answer)));

function logError(error: unknown, status: number, request: FastifyRequest): void {
  if (status === 503) {
    const { dependency, code, cause } = error as Unavailable & { cause?: { code?: string } };
    request.log.warn({ part: dependency, code, cause: cause?.code }, 'unavailable');
    return;
  }
  const { name, code, message, stack, severity } = error as Error & { code?: string; severity?: string };
  const frames = stack?.split('\n').filter((line) => line.startsWith('    at '));
  // A message of PostgreSQL quotes the faulty values, which may be personal data.
  request.log.error({ error: name, code, ...(!severity && { message }), frames }, 'request failed');
}

/** Answers bytes that are not HTTP, for which there is no request. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // An answer that has begun leaves no place for another.
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: { headersSent: boolean } };
  if (answer?.headersSent) {
    socket.destroy(error);
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ ...createProblem(status === 431 ? 'too_large' : 'invalid_request'), status });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** The codes of every route that takes an API key; a compressed body is refused even where no body is read. */
const COMMON_CODES = [
  'invalid_request',
  'unauthorized',
  'unsupported_media_type',
  'rate_limited',
  'unavailable',
];

/** Documents the problems of a route, by status, for its schema. */
export function problemResponses(...codes: string[]) {
  const byStatus = new Map<number, string[]>();
  for (const code of [...COMMON_CODES, ...codes]) {
    const { status } = createProblem(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      { description: names.join(', '), content: { [PROBLEM_JSON]: { schema: problemSchema } } },
    ]),
  );
}
