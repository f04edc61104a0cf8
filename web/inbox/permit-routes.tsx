import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ShareableNotice } from '../../core/inbox/inbox';
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

type PermitServices = Pick<InboxServices, 'inbox' | 'permits'>;

/**
 * Serves the pages that issue and revoke the permit of a notice. A successful form redirects to a page of its own, so that a
 * reload does not repeat it. No URL contains a passcode.
 */
export const permitRoutes =
  (services: PermitServices): FastifyPluginAsync =>
  async (app) => {
    addIssueRoutes(app, services);
    addRevokeRoutes(app, services);
  };

function addIssueRoutes(app: FastifyInstance, { inbox, permits }: PermitServices): void {
  app.get<PermitPath>('/inbox/:id/permit', async (request, reply) => {
    const session = requireSession(request);
    const { id, permit } = await shareableNotice(inbox, request, session);
    const page = permit?.state === 'live' ? PermitExistsPage : IssuePage;
    return sendPage(reply, page({ session, noticeId: id }));
  });

  app.post<PermitPath>('/inbox/:id/permit', async (request, reply) => {
    const session = requireSession(request);
    const { id: noticeId } = await shareableNotice(inbox, request, session);
    const { duration } = request.body;
    if (!isPermitDuration(duration)) {
      const error = 'مدت مجوز استعلام را انتخاب کنید.';
      return sendPage(reply, <IssuePage session={session} noticeId={noticeId} error={error} />, 400);
    }
    const { employerId } = session;
    const issued = await permits.issue({ noticeId, employerId, duration }).catch(nullIfPermitExists);
    if (!issued) return sendPage(reply, <PermitExistsPage session={session} noticeId={noticeId} />, 409);
    return reply.redirect(`/inbox/${noticeId}/permit/issued`, 303);
  });

  app.get<PermitPath>('/inbox/:id/permit/issued', async (request, reply) => {
    const session = requireSession(request);
    const { id, permit } = await shareableNotice(inbox, request, session);
    if (!permit?.cipher) return reply.redirect(`/inbox/${id}/permit`, 303);
    return sendPage(
      reply,
      <IssuedPage session={session} passcode={permits.decryptPasscode(permit.cipher)} />,
    );
  });
}

function addRevokeRoutes(app: FastifyInstance, { inbox, permits }: PermitServices): void {
  app.get<PermitPath>('/inbox/:id/permit/revoke', async (request, reply) => {
    const session = requireSession(request);
    const { id, permit } = await shareableNotice(inbox, request, session);
    const page = permit?.state === 'live' ? RevokePage : NoPermitPage;
    return sendPage(reply, page({ session, noticeId: id }));
  });

  app.post<PermitPath>('/inbox/:id/permit/revoke', async (request, reply) => {
    const session = requireSession(request);
    const { id: noticeId } = await shareableNotice(inbox, request, session);
    const revoked = await permits.revoke({ noticeId, employerId: session.employerId });
    if (!revoked) return sendPage(reply, <NoPermitPage session={session} />, 409);
    return reply.redirect(`/inbox/${noticeId}/permit/revoked`, 303);
  });

  app.get<PermitPath>('/inbox/:id/permit/revoked', async (request, reply) => {
    const session = requireSession(request);
    const { revoked } = await shareableNotice(inbox, request, session);
    const page = revoked ? RevokedPage : NoPermitPage;
    return sendPage(reply, page({ session }));
  });
}

/**
 * Reads the notice of a request.
 *
 * @throws Refusal `not_found` when the session's employer does not own it, or its content is in the legacy portal
 */
async function shareableNotice(
  inbox: InboxServices['inbox'],
  request: FastifyRequest<PermitPath>,
  session: Session,
): Promise<ShareableNotice> {
  const noticeId = request.params.id;
  const notice = await inbox.readShareable(noticeId, session.employerId);
  if (!notice) throw notOwnedRefusal(request, session, { noticeId });
  return notice;
}

function nullIfPermitExists(error: unknown): null {
  if (error instanceof Refusal && error.code === 'permit_exists') return null;
  throw error;
}
