import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { maskFile } from '../../../core/desk/masking';
import { type NoticeFile, readNoticeFile } from '../../../core/desk/notice-file';
import { noticeSubject } from '../../../core/desk/subjects';
import { act } from '../../../core/operators/audit';
import { Refusal } from '../../../core/platform/errors';
import { sendPage } from '../../frame/html';
import { faultOfReason, readOfferForm } from '../act/offer';
import { outcomeOf } from '../act/outcome-box';
import { actingOperator, operatorOf } from '../operator-session';
import type { OpsDependencies } from '../ops-routes';
import { alertOffers } from './alert-offers';
import { NoticePage } from './notice-page';
import { UnmaskPage } from './unmask-page';

/** `/ops/notices/{id}`: the file of a notice, masked; and its personal data once for each reason given. */
export const noticeRoutes =
  (deps: Pick<OpsDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const { db } = deps;
    const fileOf = async (request: FastifyRequest): Promise<NoticeFile> => {
      const file = await readNoticeFile(db, (request.params as { id: string }).id);
      if (file) return file;
      throw new Refusal('not_found', 'There is no notice of this id.');
    };
    const unmasker = async (request: FastifyRequest) => {
      operatorOf(request);
      const file = await fileOf(request);
      return { file, operator: await actingOperator(request, db, 'unmask', noticeSubject(file.id)) };
    };

    app.get('/ops/notices/:id', async (request, reply) => {
      const operator = operatorOf(request);
      const file = maskFile(await fileOf(request));
      const outcome = await outcomeOf(db, request);
      return sendPage(reply, <NoticePage operator={operator} file={file} outcome={outcome} />);
    });

    app.get('/ops/notices/:id/unmask', async (request, reply) => {
      const { file, operator } = await unmasker(request);
      return sendPage(reply, <UnmaskPage operator={operator} file={maskFile(file)} />);
    });

    // Before the form is looked at, so that a viewer who has none is on the record too.
    const onRequest = async (request: FastifyRequest) => {
      if (operatorOf(request).role === 'viewer') await unmasker(request);
    };

    app.post('/ops/notices/:id/unmask', { onRequest }, async (request, reply) => {
      const { file, operator } = await unmasker(request);
      const { reason, requestId } = readOfferForm(request.body);
      const fault = faultOfReason(reason);
      if (fault) {
        const page = <UnmaskPage operator={operator} file={maskFile(file)} reason={reason} fault={fault} />;
        return sendPage(reply, page, 400);
      }
      let recorded = false;
      await act(
        db,
        { by: operator, action: 'unmask', subject: noticeSubject(file.id), reason, requestId },
        async () => {
          recorded = true;
          return 1;
        },
      );
      // The form was sent before: what it uncovered was shown once, for the one entry of the record.
      if (!recorded) return reply.redirect(`/ops/notices/${file.id}`, 303);
      return sendPage(reply, <NoticePage operator={operator} file={file} unmasked />);
    });

    alertOffers(app, deps);
  };
