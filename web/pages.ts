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
import { registerVisitorSession, SignInNeeded } from './ui/session';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether people look at what this route answers, so that faults have to be a page too. */
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

/** The pages people see. Whoever mounts them answers what they throw, and shows people `sendFaultPage`. */
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

/** Forms as browsers send them, and nothing else. */
async function acceptForms(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(fastifyCookie);
  await app.register(fastifyFormbody);
  rejectMalformedText(app);
}

/** Pages are answered as pages, also when something goes wrong, and are no part of the document of the API. */
function markHtmlRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, page: true };
    route.schema = { ...route.schema, hide: true } as object;
  });
}

/** For this host only: what else runs under the domain is not ours to decide. */
function sendHsts(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('strict-transport-security', 'max-age=31536000');
  });
}

function redirectToLogin(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof SignInNeeded)) throw error;
    return reply
      .header('cache-control', 'no-store')
      .redirect(`/login?next=${encodeURIComponent(error.next)}`, 303);
  });
}
