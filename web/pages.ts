import fastifyCookie from '@fastify/cookie';
import fastifyFormbody from '@fastify/formbody';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import type { AttachmentStore } from '../core/notices/attachment-store';
import type { Config } from '../core/platform/config';
import type { Database } from '../core/platform/database';
import type { Log } from '../core/platform/log';
import type { QueueBackend } from '../core/platform/queue-backend';
import { assetRoutes } from './assets/asset-routes';
import { homeRoutes } from './home-routes';
import { inboxRoutes } from './inbox/inbox-routes';
import { inquiryRoutes } from './inquiry/inquiry-routes';
import { loginRoutes } from './login/login-routes';
import { opsRoutes } from './ops/ops-routes';
import { rejectMalformedText } from './ui/reject-malformed-text';
import { registerVisitorSession, SignInRequired } from './ui/session';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether people see the answers of this route in a browser: its errors are pages as well. */
    page?: boolean;
  }
}

type PageSetting =
  | 'SECRET_KEY'
  | 'SECRET_KEY_PREVIOUS'
  | 'PUBLIC_URL'
  | 'ALERT_TTL_HOURS'
  | 'NATIONAL_CARTABLE_URL'
  | 'LEGACY_PORTAL_URL'
  | 'INQUIRY_SMS'
  | 'SMS_SUFFIX';

export interface PagesDependencies {
  db: Database;
  attachments: AttachmentStore;
  config: Pick<Config<'SECRET_KEY'>, PageSetting>;
  backend: Pick<QueueBackend, 'kind' | 'ping' | 'queue' | 'warmUp'>;
  log: Log;
}

/** Serves the pages of employers, government bodies and operators. The application that registers them answers errors, with `sendErrorPage`. */
export const pages =
  (deps: PagesDependencies): FastifyPluginAsync =>
  async (app) => {
    await app.register(assetRoutes);
    await app.register(async (people) => {
      await acceptForms(people);
      markHtmlRoutes(people);
      registerVisitorSession(people, deps.db, deps.config);
      redirectToLogin(people);
      if (deps.config.PUBLIC_URL.startsWith('https:')) sendHsts(people);
      await people.register(homeRoutes(deps));
      await people.register(loginRoutes(deps));
      await people.register(inboxRoutes(deps));
      await people.register(inquiryRoutes(deps));
    });
    await app.register(async (operators) => {
      await acceptForms(operators);
      markHtmlRoutes(operators);
      if (deps.config.PUBLIC_URL.startsWith('https:')) sendHsts(operators);
      await operators.register(opsRoutes(deps));
    });
  };

/** Accepts forms as browsers send them, and no other content type. */
async function acceptForms(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(fastifyCookie);
  await app.register(fastifyFormbody);
  rejectMalformedText(app);
}

/** Marks the routes as pages: their errors are pages as well, and the API document leaves them out. */
function markHtmlRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, page: true };
    route.schema = { ...route.schema, hide: true } as object;
  });
}

/** Sends HSTS for this host only: other services may run under the domain. */
function sendHsts(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('strict-transport-security', 'max-age=31536000');
  });
}

function redirectToLogin(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof SignInRequired)) throw error;
    return reply
      .header('cache-control', 'no-store')
      .redirect(`/login?next=${encodeURIComponent(error.next)}`, 303);
  });
}
