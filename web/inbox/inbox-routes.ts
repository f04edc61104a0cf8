import type { FastifyPluginAsync } from 'fastify';
import { createInbox } from '../../core/inbox/inbox';
import type { AttachmentStore } from '../../core/notices/attachment-store';
import { createPermits } from '../../core/permits/permits';
import type { Config } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import { secretKeysOf } from '../../core/platform/derived-keys';
import { createViews } from '../../core/views/views';
import type { InboxServices } from './inbox-services';
import { listRoute } from './list-route';
import { ownerNoticeRoutes } from './owner-notice-routes';
import { permitRoutes } from './permit-routes';

export interface InboxDependencies {
  db: Database;
  attachments: AttachmentStore;
  config: Pick<
    Config<'SECRET_KEY'>,
    'SECRET_KEY' | 'SECRET_KEY_PREVIOUS' | 'NATIONAL_CARTABLE_URL' | 'LEGACY_PORTAL_URL'
  >;
}

/** Serves the inbox of the signed-in employer: the list, the notices and their permits. */
export const inboxRoutes =
  ({ db, attachments, config }: InboxDependencies): FastifyPluginAsync =>
  async (app) => {
    const parts: InboxServices = {
      inbox: createInbox(db),
      views: createViews(db),
      permits: createPermits(db, secretKeysOf(config)),
      attachments,
      externalUrls: {
        nationalCartable: config.NATIONAL_CARTABLE_URL,
        legacyPortal: config.LEGACY_PORTAL_URL,
      },
    };
    await app.register(listRoute(parts));
    await app.register(ownerNoticeRoutes(parts));
    await app.register(permitRoutes(parts));
  };
