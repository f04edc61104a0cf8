import type { FastifyRequest } from 'fastify';
import { INTAKE_QUEUE, QUEUE_NAMES } from '../../../core/platform/queues';

export const BOARD_PATH = '/ops/queues';
const BOARD_API_PREFIX = `${BOARD_PATH}/api/`;

/** Whether a request is one of the board's own calls, and not a person's look at a page. */
export const isBoardApiCall = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith(BOARD_API_PREFIX) ?? false;

/** The state a job must be in for what an operator may do with it. */
export type JobState = 'failed' | 'delayed';

/**
 * All that may be changed on the board. Everything else throws jobs away, or holds back work where nobody
 * would look for it: lanes are paused on a page of ours, and remembered in PostgreSQL.
 */
const ALLOWED_JOB_ACTIONS: Record<string, JobState> = {
  [`PUT ${BOARD_API_PREFIX}queues/:queueName/:jobId/retry`]: 'failed',
  [`PUT ${BOARD_API_PREFIX}queues/:queueName/:jobId/promote`]: 'delayed',
};

interface BoardParams {
  queueName?: string;
  jobId?: string;
}

/** The job an operator may do this with, if it is in that state; null for what nobody may do. */
export function allowedJobAction(request: FastifyRequest): { jobId: string; state: JobState } | null {
  const { queueName, jobId } = request.params as BoardParams;
  const state = ALLOWED_JOB_ACTIONS[`${request.method} ${request.routeOptions.url}`];
  return state && queueName === INTAKE_QUEUE && jobId ? { jobId, state } : null;
}

/** What a call is about, for the record: `queue notices job n1f… retry`, `queue views empty`, `queues pause`. */
export function auditSubjectOf({ routeOptions, params }: FastifyRequest): string {
  const { queueName, jobId, ...others } = params as BoardParams & Record<string, string>;
  const named = (part: string): string => {
    if (part === 'queues') return queueName === undefined ? 'queues' : 'queue';
    if (part === ':queueName') return QUEUE_NAMES.find((name) => name === queueName) ?? 'unknown';
    if (part === ':jobId') return `job ${safeForAudit(jobId)}`;
    return part.startsWith(':') ? safeForAudit(others[part.slice(1)]) : part;
  };
  return (routeOptions.url ?? '').slice(BOARD_API_PREFIX.length).split('/').map(named).join(' ');
}

/** An address may hold anything, and the record is for ever. */
const safeForAudit = (text = ''): string => (/^[\w.:-]{1,64}$/.test(text) ? text : 'unknown');

/**
 * Whether a call comes from the board itself. Browsers say so by themselves, over https and on this machine;
 * elsewhere they name at least the page's origin with everything but a GET. The cookie is `SameSite=Strict`, and
 * these methods need leave from us when another origin uses them, which nobody gets: this is for a site beside
 * ours, under the same domain, and for programs that found a cookie.
 */
export function isSameOrigin({ headers, host }: FastifyRequest, publicUrl: string): boolean {
  const { 'sec-fetch-site': from, origin = '' } = headers;
  if (from !== undefined) return from === 'same-origin';
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}
