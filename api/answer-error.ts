import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendErrorPage } from '../web/ui/error-page';
import { sendProblem } from './problem';

/** Where only programs come: nobody is shown a page there, whatever they say they accept. */
const PROGRAM_PATHS = /^\/(?:v1|callbacks|docs|livez|readyz|metrics|assets)(?:[/?]|$)/;

/** Whether a person looks at the answer: every page of ours, and an address that does not exist, in a browser. */
function wantsPage({ routeOptions, is404, url, headers }: FastifyRequest): boolean {
  if (routeOptions.config?.page) return true;
  return is404 && !PROGRAM_PATHS.test(url) && (headers.accept ?? '').includes('text/html');
}

/** Answers a request whose handling threw: a page for people, a problem for programs. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!wantsPage(request)) return sendProblem(error, request, reply);
  return sendProblem(error, request, reply, ({ status }) => sendErrorPage(request, reply, status));
}
