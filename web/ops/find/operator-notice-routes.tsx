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

/** `/ops/notices/{id}`: the file of a notice, masked; and its personal data once for each reason given. */
export const operatorNoticeRoutes =
  (deps: Pick<OpsDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const { db } = deps;
    const fileOf = async (request: FastifyRequest): Promise<OperatorNoticeView> => {
      const file = await readOperatorNoticeView(db, (request.params as { id: string }).id);
      if (file) return file;
      throw new Refusal('not_found', 'There is no notice of this id.');
    };
    const unmasker = async (request: FastifyRequest) => {
      requireOperator(request);
      const file = await fileOf(request);
      return { file, operator: await authorizeAction(request, db, 'unmask', noticeSubject(file.id)) };
    };

    app.get('/ops/notices/:id', async (request, reply) => {
      const operator = requireOperator(request);
      const file = maskNoticeView(await fileOf(request));
      const outcome = await readActionOutcome(db, request);
      return sendPage(reply, <OperatorNoticePage operator={operator} notice={file} outcome={outcome} />);
    });

    app.get('/ops/notices/:id/unmask', async (request, reply) => {
      const { file, operator } = await unmasker(request);
      return sendPage(reply, <UnmaskPage operator={operator} notice={maskNoticeView(file)} />);
    });

    // Before the form is looked at, so that a viewer who has none is on the record too.
    const onRequest = async (request: FastifyRequest) => {
      if (requireOperator(request).role === 'viewer') await unmasker(request);
    };

    app.post('/ops/notices/:id/unmask', { onRequest }, async (request, reply) => {
      const { file, operator } = await unmasker(request);
      const { reason, requestId } = parseActionForm(request.body);
      const fault = reasonError(reason);
      if (fault) {
        const page = (
          <UnmaskPage operator={operator} notice={maskNoticeView(file)} reason={reason} fault={fault} />
        );
        return sendPage(reply, page, 400);
      }
      let recorded = false;
      await performAudited(
        db,
        { actor: operator, action: 'unmask', subject: noticeSubject(file.id), reason, requestId },
        async () => {
          recorded = true;
          return 1;
        },
      );
      // The form was sent before: what it uncovered was shown once, for the one entry of the record.
      if (!recorded) return reply.redirect(`/ops/notices/${file.id}`, 303);
      return sendPage(reply, <OperatorNoticePage operator={operator} notice={file} unmasked />);
    });

    registerAlertActions(app, deps);
  };
