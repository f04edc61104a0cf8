import type { FastifyInstance, FastifyRequest } from 'fastify';
import { performAudited } from '../../../core/operators/audit';
import type { Database } from '../../../core/platform/database';
import { sendPage } from '../../ui/send-page';
import { authorizeAction, requireOperator } from '../operator-session';
import { ActionPage } from './action-page';
import { type OperatorAction, parseActionForm, reasonError } from './operator-action';

/**
 * Registers the two routes of an action: GET shows the items it would affect, POST performs it and redirects to the
 * page that shows the outcome. Viewers are refused on both, and the audit log records each attempt.
 *
 * @param find returns the action a request names; throws Refusal `not_found` when it does not exist
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
    const operator = await authorizeAction(request, db, action.auditAction, action.subject);
    return { action, operator, formPath: request.url.split('?')[0] as string };
  };

  app.get(path, async (request, reply) => {
    const page = await prepare(request);
    const preview = await page.action.preview();
    return sendPage(reply, <ActionPage {...page} preview={preview} />, preview.blockedReason ? 409 : 200);
  });

  // A viewer's attempt is recorded before the form is checked, so that an invalid form does not hide it.
  const onRequest = async (request: FastifyRequest) => {
    if (requireOperator(request).role === 'viewer') await prepare(request);
  };

  app.post(path, { onRequest }, async (request, reply) => {
    const { action, operator, formPath } = await prepare(request);
    const form = parseActionForm(request.body, action.field);
    const errors = {
      reason: reasonError(form.reason) ?? undefined,
      value: action.field?.validate(form.value) ?? undefined,
    };
    if (errors.reason || errors.value) {
      const preview = await action.preview();
      return sendPage(reply, <ActionPage {...{ operator, action, preview, formPath, form, errors }} />, 400);
    }
    const { reason, requestId } = form;
    const requested = {
      actor: operator,
      action: action.auditAction,
      subject: action.subject,
      reason,
      requestId,
    };
    await performAudited(db, requested, (trx) => action.perform(trx, form, operator.name));
    return reply.header('cache-control', 'no-store').redirect(`${action.returnPath}?done=${requestId}`, 303);
  });
}
