import type { FastifyPluginAsync } from 'fastify';
import { sendPage } from '../ui/send-page';
import { requireSession } from '../ui/session';
import type { InboxServices } from './inbox-services';
import { ListPage } from './list-page';
import { parseListRequest } from './list-query';

/** Serves `GET /inbox`: the list, searched, filtered and paged by the URL. */
export const listRoute =
  ({
    inbox,
    permits,
    externalUrls,
  }: Pick<InboxServices, 'inbox' | 'permits' | 'externalUrls'>): FastifyPluginAsync =>
  async (app) => {
    app.get('/inbox', async (request, reply) => {
      const session = requireSession(request);
      const listRequest = parseListRequest(request.query as Record<string, unknown>);
      const page = await inbox.list(session.employerId, listRequest.query);
      const unviewedCount = await inbox.unviewedCount(session.employerId);
      const workshops = await inbox.workshops(session.employerId);
      return sendPage(
        reply,
        <ListPage
          session={session}
          request={listRequest}
          page={page}
          unviewedCount={unviewedCount}
          workshops={workshops}
          externalUrls={externalUrls}
          decryptPasscode={permits.decryptPasscode}
        />,
      );
    });
  };
