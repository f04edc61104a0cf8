import type { FastifyRequest } from 'fastify';
import { INTAKE_QUEUE, QUEUE_NAMES } from '../../../core/platform/queues';

export const BOARD_PATH = '/ops/queues';
const BOARD_API_PREFIX = `${BOARD_PATH}/api/`;

/** Whether a request is an API call of the board's script, not a visit to its page. */
export const isBoardApiCall = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url?.startsWith(BOARD_API_PREFIX) ?? false;

/** The states that a job can be in when an operator changes it. */
export type JobState = 'failed' | 'delayed';

/**
 * Every change that the board allows, with the state the job must be in. bull-board's other actions discard jobs, or
 * pause a queue in a place where nobody would look for a pause: `/ops/steering` pauses lanes and keeps that in
 * PostgreSQL.
 */
const ALLOWED_JOB_ACTIONS: Record<string, JobState> = {
  [`PUT ${BOARD_API_PREFIX}queues/:queueName/:jobId/retry`]: 'failed',
  [`PUT ${BOARD_API_PREFIX}queues/:queueName/:jobId/promote`]: 'delayed',
};

interface BoardParams {
  queueName?: string;
  jobId?: string;
}

/** Returns the job that a request changes and its required state; null for a change that nobody may make. */
export function allowedJobAction(request: FastifyRequest): { jobId: string; state: JobState } | null {
  const { queueName, jobId } = request.params as BoardParams;
  const state = ALLOWED_JOB_ACTIONS[`${request.method} ${request.routeOptions.url}`];
  return state && queueName === INTAKE_QUEUE && jobId ? { jobId, state } : null;
}

/** Names what a call changes, for the audit log: `queue notices job n1f… retry`, `queue views empty`, `queues pause`. */
export function auditSubjectOf({ routeOptions, params }: FastifyRequest): string {
  const { queueName, jobId, ...others } = params as BoardParams & Record<string, string>;
  const nameOf = (segment: string): string => {
    if (segment === 'queues') return queueName === undefined ? 'queues' : 'queue';
    if (segment === ':queueName') return QUEUE_NAMES.find((name) => name === queueName) ?? 'unknown';
    if (segment === ':jobId') return `job ${safeForAudit(jobId)}`;
    return segment.startsWith(':') ? safeForAudit(others[segment.slice(1)]) : segment;
  };
  return (routeOptions.url ?? '').slice(BOARD_API_PREFIX.length).split('/').map(nameOf).join(' ');
}

/** Path segments may hold any text, and the audit log keeps its text for ever. */
const safeForAudit = (text = ''): string => (/^[\w.:-]{1,64}$/.test(text) ? text : 'unknown');

/**
 * Whether a call comes from the board's own page. Browsers send `Sec-Fetch-Site` over https and on localhost, and
 * elsewhere at least `Origin` with every method but GET. The cookie is `SameSite=Strict`, and a foreign origin would
 * need a CORS permission that does not exist. This check is against a neighbour site under the same domain, and
 * against programs that hold a stolen cookie.
 */
export function isSameOrigin({ headers, host }: FastifyRequest, publicUrl: string): boolean {
  const { 'sec-fetch-site': from, origin = '' } = headers;
  if (from !== undefined) return from === 'same-origin';
  if (!URL.canParse(origin)) return false;
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}
