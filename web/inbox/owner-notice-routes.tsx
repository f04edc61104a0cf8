import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Refusal } from '../../core/platform/errors';
import { sendAttachment } from '../ui/send-attachment';
import { sendPage } from '../ui/send-page';
import { requireSession } from '../ui/session';
import { type InboxServices, notOwnedRefusal } from './inbox-services';
import { NoticePage } from './notice-page';

interface NoticePath {
  Params: { id: string };
}
interface AttachmentPath {
  Params: { id: string; attachmentId: string };
  Querystring: { download?: string };
}

/** A view has legal consequences, so a HEAD request, which shows nothing, must not reach the handler of a GET. */
const WITHOUT_HEAD_ROUTE = { exposeHeadRoute: false } as const;

/** Serves `GET /inbox/{id}` and the attachments. A view is committed before a byte of the content is sent. */
export const ownerNoticeRoutes =
  ({ inbox, views, permits, attachments, externalUrls }: InboxServices): FastifyPluginAsync =>
  async (app) => {
    app.get<NoticePath>('/inbox/:id', WITHOUT_HEAD_ROUTE, async (request, reply) => {
      const session = requireSession(request);
      rejectPrefetch(request);
      const { id: noticeId } = request.params;
      const { employerId } = session;
      const location = await inbox.locateContent(noticeId, employerId);
      const view = { noticeId, employerId, actor: 'employer' };
      if (!location || (location === 'here' && !(await views.open(view))))
        throw notOwnedRefusal(request, session, { noticeId });
      const notice = await inbox.read(noticeId, employerId);
      if (!notice) throw notOwnedRefusal(request, session, { noticeId });
      return sendPage(
        reply,
        <NoticePage
          session={session}
          notice={notice}
          externalUrls={externalUrls}
          decryptPasscode={permits.decryptPasscode}
        />,
      );
    });

    app.get<AttachmentPath>(
      '/inbox/:id/attachments/:attachmentId',
      WITHOUT_HEAD_ROUTE,
      async (request, reply) => {
        const session = requireSession(request);
        rejectPrefetch(request);
        const { id: noticeId, attachmentId } = request.params;
        const { employerId } = session;
        const opened = await views.openAttachment({ attachmentId, employerId, actor: 'employer' });
        if (opened?.noticeId !== noticeId.toLowerCase())
          throw notOwnedRefusal(request, session, { noticeId, attachmentId });
        const bytes = await attachments.get(attachmentId.toLowerCase());
        return sendAttachment(reply, opened, bytes, request.query.download !== undefined);
      },
    );
  };

/** @throws Refusal `forbidden` for a page that a browser loads in advance: no person has opened it, so it is no view */
function rejectPrefetch({ headers }: FastifyRequest): void {
  const purpose = `${headers['sec-purpose'] ?? ''} ${headers.purpose ?? ''} ${headers['x-moz'] ?? ''}`;
  if (/prefetch|prerender/i.test(purpose))
    throw new Refusal('forbidden', 'A notice is opened by its reader, not ahead of them.');
}
