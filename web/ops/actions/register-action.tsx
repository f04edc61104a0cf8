import type { FastifyInstance, FastifyRequest } from 'fastify';
import { performAudited } from '../../../core/operators/audit';
import type { Database } from '../../../core/platform/database';
import { sendPage } from '../../ui/send-page';
import { authorizeAction, requireOperator } from '../operator-session';
import { ActionPage } from './action-page';
import { type OperatorAction, parseActionForm, reasonError } from './operator-action';

/**
 * The two routes of an action: GET shows what it will touch, POST does it and leads on to the page that tells
 * what became of it. Viewers may do neither, and that they tried is on the record.
 *
 * @param find the offer a request names; throws Refusal `not_found` when there is no such thing
 */
export function registerAction(
  app: FastifyInstance,
  db: Database,
  path: string,
  find: (request: FastifyRequest) => Promise<OperatorAction>,
): void {
  const prepare = async (request: FastifyRequest) => {
    requireOperator(request);
    const action = await find(request);
    const operator = await authorizeAction(request, db, action.action, action.subject);
    return { action, operator, formPath: request.url.split('?')[0] as string };
  };

  app.get(path, async (request, reply) => {
    const page = await prepare(request);
    const preview = await page.action.preview();
    return sendPage(reply, <ActionPage {...page} preview={preview} />, preview.blockedReason ? 409 : 200);
  });

  // Before the form is looked at: whoever may not send it need not have a right one to be put on the record.
  const onRequest = async (request: FastifyRequest) => {
    if (requireOperator(request).role === 'viewer') await prepare(request);
  };

  app.post(path, { onRequest }, async (request, reply) => {
    const { action, operator, formPath } = await prepare(request);
    const form = parseActionForm(request.body, action.field);
    const faults = {
      reason: reasonError(form.reason) ?? undefined,
      value: action.field?.fault(form.value) ?? undefined,
    };
    if (faults.reason || faults.value) {
      const preview = await action.preview();
      return sendPage(
        reply,
        <ActionPage {...{ operator, action, preview, formPath, form, errors: faults }} />,
        400,
      );
    }
    const { reason, requestId } = form;
    const requested = { actor: operator, action: action.action, subject: action.subject, reason, requestId };
    await performAudited(db, requested, (trx) => action.perform(trx, form, operator.name));
    return reply.header('cache-control', 'no-store').redirect(`${action.returnPath}?done=${requestId}`, 303);
  });
}
