import type { FastifyPluginAsync } from 'fastify';
import { sendPage } from '../ui/send-page';
import { requireSession } from '../ui/session';
import type { InboxServices } from './inbox-services';
import { ListPage } from './list-page';
import { parseListRequest } from './list-query';

/** `GET /inbox`: the list, searched, filtered and paged by its address. */
export const listRoute =
  ({
    inbox,
    permits,
    externalUrls,
  }: Pick<InboxServices, 'inbox' | 'permits' | 'externalUrls'>): FastifyPluginAsync =>
  async (app) => {
    app.get('/inbox', async (request, reply) => {
      const session = requireSession(request);
      const asked = parseListRequest(request.query as Record<string, unknown>);
      const page = await inbox.list(session.employerId, asked.query);
      const unviewed = await inbox.unviewedCount(session.employerId);
      const workshops = await inbox.workshops(session.employerId);
      return sendPage(
        reply,
        <ListPage
          session={session}
          request={asked}
          page={page}
          unviewedCount={unviewed}
          workshops={workshops}
          externalUrls={externalUrls}
          decryptPasscode={permits.decryptPasscode}
        />,
      );
    });
  };
