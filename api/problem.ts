import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type FieldFault, LockedOut, Refusal, Unavailable } from '../core/platform/errors';

/** The status of every code that is not a notice's own: what a notice is refused for is 422. */
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

/** What is said where the cause has no words of its own, or none that may leave the house. */
const DETAIL_BY_CODE: Record<string, string> = {
  invalid_request: 'The request cannot be read.',
  not_found: 'There is nothing at this address.',
  too_large: 'The request is too large.',
  unsupported_media_type: 'The content type is not one this address takes.',
  rate_limited: 'Too many requests in one second.',
  internal: 'Something went wrong on our side; the cause is recorded under the request id.',
  unavailable: 'The service cannot answer right now; the same request may succeed later.',
};

/** Codes of requests that Fastify itself turns down, by the status it would give them. */
const CODE_BY_STATUS: Record<number, string> = {
  404: 'not_found',
  413: 'too_large',
  // A parameter too long to be anything of ours.
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

/** The answer to an error, whatever was thrown. What is not meant for the caller is not in it. */
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
 * Answers a request whose handling threw, and records the cause of what is our own fault, once.
 *
 * @param write how the answer looks; its status and headers are set already
 */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  write: (answer: Problem) => FastifyReply = (answer) => writeJson(reply, answer),
): FastifyReply {
  const answer = problemOf(error);
  if (answer.status >= 500) logError(error, answer.status, request);
  // A handler that ran out of time may still be reading: what comes now is nobody's request.
  if ((error as FastifyError).code === 'FST_ERR_HANDLER_TIMEOUT') reply.header('connection', 'close');
  reply.code(answer.status).headers(HEADERS_BY_CODE[answer.code] ?? {});
  if (error instanceof LockedOut) reply.header('retry-after', String(error.retryAfter));
  return write(answer);
}

/** As bytes: to a text Fastify would add a charset, which this type does not have. */
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
  // PostgreSQL's messages quote the values they complain about, and those are a person's.
  request.log.error({ error: name, code, ...(!severity && { message }), frames }, 'request failed');
}

/** Answers bytes that were not even HTTP; no request was made of them. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // In the middle of an answer there is no place for another one.
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

/** What whoever has a key can always be answered; a body that says it is compressed is one even where none is taken. */
const COMMON_CODES = [
  'invalid_request',
  'unauthorized',
  'unsupported_media_type',
  'rate_limited',
  'unavailable',
];

/** For a route's schema: the problems it may answer with, by status. */
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
