import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { OwnerNoticeView } from '../../core/inbox/owner-notice-view';
import { isPermitDuration } from '../../core/permits/permit-durations';
import { Refusal } from '../../core/platform/errors';
import { sendPage } from '../ui/send-page';
import { requireSession, type Session } from '../ui/session';
import { type InboxServices, notOwnedRefusal } from './inbox-services';
import {
  IssuedPage,
  IssuePage,
  NoPermitPage,
  PermitExistsPage,
  RevokedPage,
  RevokePage,
} from './permit-pages';

interface PermitPath {
  Params: { id: string };
  Body: { duration?: unknown };
}

/**
 * Issuing and revoking the permit of a notice. A form that succeeds leads on to a page of its own, so that
 * loading that again does nothing again; no address ever holds a passcode.
 */
export const permitRoutes =
  ({ inbox, permits }: Pick<InboxServices, 'inbox' | 'permits'>): FastifyPluginAsync =>
  async (app) => {
    /** The notice, when it is theirs and its content is here to be shared. */
    async function sharable(
      request: FastifyRequest,
      session: Session,
      noticeId: string,
    ): Promise<OwnerNoticeView> {
      const notice = await inbox.read(noticeId, session.employerId);
      if (!notice || notice.legacy) throw notOwnedRefusal(request, session, { noticeId });
      return notice;
    }

    app.get<PermitPath>('/inbox/:id/permit', async (request, reply) => {
      const session = requireSession(request);
      const { id, permit } = await sharable(request, session, request.params.id);
      const page = permit?.state === 'live' ? PermitExistsPage : IssuePage;
      return sendPage(reply, page({ session, noticeId: id }));
    });

    app.post<PermitPath>('/inbox/:id/permit', async (request, reply) => {
      const session = requireSession(request);
      const { id: noticeId } = await sharable(request, session, request.params.id);
      const { duration } = request.body;
      if (!isPermitDuration(duration)) {
        const fault = 'مدت مجوز استعلام را انتخاب کنید.';
        return sendPage(reply, <IssuePage session={session} noticeId={noticeId} fault={fault} />, 400);
      }
      const { employerId } = session;
      const issued = await permits.issue({ noticeId, employerId, duration }).catch(nullIfPermitExists);
      if (!issued) return sendPage(reply, <PermitExistsPage session={session} noticeId={noticeId} />, 409);
      return reply.redirect(`/inbox/${noticeId}/permit/issued`, 303);
    });

    app.get<PermitPath>('/inbox/:id/permit/issued', async (request, reply) => {
      const session = requireSession(request);
      const { id, permit } = await sharable(request, session, request.params.id);
      if (!permit?.cipher) return reply.redirect(`/inbox/${id}/permit`, 303);
      return sendPage(
        reply,
        <IssuedPage session={session} passcode={permits.decryptPasscode(permit.cipher)} />,
      );
    });

    app.get<PermitPath>('/inbox/:id/permit/revoke', async (request, reply) => {
      const session = requireSession(request);
      const { id, permit } = await sharable(request, session, request.params.id);
      const page = permit?.state === 'live' ? RevokePage : NoPermitPage;
      return sendPage(reply, page({ session, noticeId: id }));
    });

    app.post<PermitPath>('/inbox/:id/permit/revoke', async (request, reply) => {
      const session = requireSession(request);
      const { id: noticeId } = await sharable(request, session, request.params.id);
      const revoked = await permits.revoke({ noticeId, employerId: session.employerId });
      if (!revoked) return sendPage(reply, <NoPermitPage session={session} />, 409);
      return reply.redirect(`/inbox/${noticeId}/permit/revoked`, 303);
    });

    app.get<PermitPath>('/inbox/:id/permit/revoked', async (request, reply) => {
      const session = requireSession(request);
      const { history } = await sharable(request, session, request.params.id);
      const last = history.latest.findLast(
        ({ type }) => type === 'permit.issued' || type === 'permit.revoked',
      );
      const page = last?.type === 'permit.revoked' ? RevokedPage : NoPermitPage;
      return sendPage(reply, page({ session }));
    });
  };

function nullIfPermitExists(error: unknown): null {
  if (error instanceof Refusal && error.code === 'permit_exists') return null;
  throw error;
}
