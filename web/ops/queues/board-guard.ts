import type { FastifyReply, FastifyRequest } from 'fastify';
import { createAudit } from '../../../core/operators/audit';
import { Refusal } from '../../../core/platform/errors';
import { INTAKE_QUEUE } from '../../../core/platform/queues';
import { authorizeAction, requireOperator, signedInOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { allowedJobAction, auditSubjectOf, isBoardApiCall, isSameOrigin } from './board-rules';

const hasSafeMethod = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/**
 * Decides on every request for the board before anything of the board runs: who is not signed in sees
 * nothing, viewers change nothing, operators what the rules name. What was tried in vain is on the record, and
 * what is let through is there before it happens, so that nothing happens unrecorded.
 *
 * @param open makes the queues ready to be asked
 */
export function guardBoard({ db, config, backend }: OpsDependencies, open: () => Promise<void>) {
  const audit = createAudit(db);

  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (isBoardApiCall(request) && !signedInOperator(request))
      throw new Refusal('unauthorized', 'Nobody is signed in.');
    requireOperator(request);
    if (hasSafeMethod(request)) return undefined;

    const subject = auditSubjectOf(request);
    const { name, role } = await authorizeAction(request, db, 'queue-board', subject);
    const entry = { operator: name, role, action: 'queue-board', subject, reason: null } as const;
    const click = allowedJobAction(request);
    if (!click || !isSameOrigin(request, config.PUBLIC_URL)) {
      await audit.record({ ...entry, outcome: 'refused', touched: 0 });
      throw new Refusal('forbidden', 'This is not done on the board.');
    }
    await open();
    const job = await backend.queue(INTAKE_QUEUE).getJob(click.jobId);
    const state = await job?.getState();
    const overtaken = state !== click.state;
    await audit.record({
      ...entry,
      outcome: overtaken ? 'overtaken' : 'done',
      touched: overtaken ? 0 : 1,
    });
    if (!overtaken) return undefined;
    return reply.code(409).send({ error: 'این کار در این میان به وضعیت دیگری رفته است.' });
  };
}
