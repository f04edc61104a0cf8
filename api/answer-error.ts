import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendErrorPage } from '../web/ui/error-page';
import { sendProblem } from './problem';

/** Addresses of programs: their errors are never pages, whatever the request accepts. */
const PROGRAM_PATHS = /^\/(?:v1|callbacks|docs|livez|readyz|metrics|assets)(?:[/?]|$)/;

/** Decides whether the answer is a page: on every HTML route, and for a browser at an address that does not exist. */
function wantsPage({ routeOptions, is404, url, headers }: FastifyRequest): boolean {
  if (routeOptions.config?.page) return true;
  return is404 && !PROGRAM_PATHS.test(url) && (headers.accept ?? '').includes('text/html');
}

/** Answers a request whose handling threw: with a page for people, with a problem for programs. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!wantsPage(request)) return sendProblem(error, request, reply);
  return sendProblem(error, request, reply, ({ status }) => sendErrorPage(request, reply, status));
}
