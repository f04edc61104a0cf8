import type { FastifyReply, FastifyRequest } from 'fastify';
import { createAudit } from '../../../core/operators/audit';
import { Refusal } from '../../../core/platform/errors';
import { INTAKE_QUEUE } from '../../../core/platform/queues';
import { isSafeMethod } from '../../ui/csrf';
import { authorizeAction, requireOperator, signedInOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { allowedJobAction, auditSubjectOf, isBoardApiCall, isSameOrigin } from './board-rules';

/**
 * Checks every request for the board before bull-board sees it. Visitors without a session see nothing, viewers
 * change nothing, and operators may do what the rules allow. The audit log holds each refused attempt, and each
 * allowed change before it happens, so that no change is unrecorded.
 *
 * @param ensureReady connects the queues
 */
export function guardBoard({ db, config, backend }: OpsDependencies, ensureReady: () => Promise<void>) {
  const audit = createAudit(db);

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (isBoardApiCall(request) && !signedInOperator(request))
      throw new Refusal('unauthorized', 'Nobody is signed in.');
    requireOperator(request);
    if (isSafeMethod(request)) return undefined;

    const subject = auditSubjectOf(request);
    const { name, role } = await authorizeAction(request, db, 'queue-board', subject);
    const entry = { operator: name, role, action: 'queue-board', subject, reason: null } as const;
    const change = allowedJobAction(request);
    if (!change || !isSameOrigin(request, config.PUBLIC_URL)) {
      await audit.record({ ...entry, outcome: 'refused', touched: 0 });
      throw new Refusal('forbidden', 'This is not done on the board.');
    }
    await ensureReady();
    const job = await backend.queue(INTAKE_QUEUE).getJob(change.jobId);
    const state = await job?.getState();
    const isStale = state !== change.state;
    await audit.record({
      ...entry,
      outcome: isStale ? 'overtaken' : 'done',
      touched: isStale ? 0 : 1,
    });
    if (!isStale) return undefined;
    return reply.code(409).send({ error: 'این کار در این میان به وضعیت دیگری رفته است.' });
  };
}
