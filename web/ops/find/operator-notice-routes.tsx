import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { noticeSubject } from '../../../core/operator-console/audit-subjects';
import { maskNoticeView } from '../../../core/operator-console/masking';
import {
  type OperatorNoticeView,
  readOperatorNoticeView,
} from '../../../core/operator-console/operator-notice-view';
import { performAudited } from '../../../core/operators/audit';
import { Refusal } from '../../../core/platform/errors';
import { sendPage } from '../../ui/send-page';
import { registerAlertActions } from '../actions/alert-actions';
import { parseActionForm, reasonError } from '../actions/operator-action';
import { readActionOutcome } from '../actions/outcome-box';
import { authorizeAction, requireOperator } from '../operator-session';
import type { OpsDependencies } from '../ops-dependencies';
import { OperatorNoticePage } from './operator-notice-page';
import { UnmaskPage } from './unmask-page';

/** Serves `/ops/notices/{id}`: the notice with masked personal data, and unmasked once for each recorded reason. */
export const operatorNoticeRoutes =
  (deps: Pick<OpsDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const { db } = deps;
    const readNotice = async (request: FastifyRequest): Promise<OperatorNoticeView> => {
      const notice = await readOperatorNoticeView(db, (request.params as { id: string }).id);
      if (notice) return notice;
      throw new Refusal('not_found', 'There is no notice of this id.');
    };
    const authorizeUnmasking = async (request: FastifyRequest) => {
      requireOperator(request);
      const notice = await readNotice(request);
      return { notice, operator: await authorizeAction(request, db, 'unmask', noticeSubject(notice.id)) };
    };

    app.get('/ops/notices/:id', async (request, reply) => {
      const operator = requireOperator(request);
      const notice = maskNoticeView(await readNotice(request));
      const outcome = await readActionOutcome(db, request);
      return sendPage(reply, <OperatorNoticePage operator={operator} notice={notice} outcome={outcome} />);
    });

    app.get('/ops/notices/:id/unmask', async (request, reply) => {
      const { notice, operator } = await authorizeUnmasking(request);
      return sendPage(reply, <UnmaskPage operator={operator} notice={maskNoticeView(notice)} />);
    });

    // A viewer's attempt is recorded before the form is checked, so that an invalid form does not hide it.
    const onRequest = async (request: FastifyRequest) => {
      if (requireOperator(request).role === 'viewer') await authorizeUnmasking(request);
    };

    app.post('/ops/notices/:id/unmask', { onRequest }, async (request, reply) => {
      const { notice, operator } = await authorizeUnmasking(request);
      const { reason, requestId } = parseActionForm(request.body);
      const error = reasonError(reason);
      if (error) {
        const page = (
          <UnmaskPage operator={operator} notice={maskNoticeView(notice)} reason={reason} error={error} />
        );
        return sendPage(reply, page, 400);
      }
      let recorded = false;
      await performAudited(
        db,
        { actor: operator, action: 'unmask', subject: noticeSubject(notice.id), reason, requestId },
        async () => {
          recorded = true;
          return 1;
        },
      );
      // The form was sent twice: one entry in the audit log shows the personal data once.
      if (!recorded) return reply.redirect(`/ops/notices/${notice.id}`, 303);
      return sendPage(reply, <OperatorNoticePage operator={operator} notice={notice} unmasked />);
    });

    registerAlertActions(app, deps);
  };
