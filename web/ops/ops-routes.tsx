import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { createOverviewReader } from '../../core/monitoring/overview-reader';
import { Refusal, Unavailable } from '../../core/platform/errors';
import { ButtonLink } from '../ui/content';
import { sendPage } from '../ui/send-page';
import { auditRoutes } from './audit-routes';
import { deadLetterRoutes } from './dead-letters/dead-letter-routes';
import { findRoutes } from './find/find-routes';
import { operatorNoticeRoutes } from './find/operator-notice-routes';
import {
  OperatorSignInRequired,
  registerOperatorSession,
  rejectForgedOperatorForms,
  signedInOperator,
} from './operator-session';
import type { OpsDependencies } from './ops-dependencies';
import { OpsLayout } from './ops-layout';
import { queueRoutes } from './queues/queue-routes';
import { signInRoutes } from './sign-in-routes';
import { statusRoutes } from './status/status-routes';
import { steeringRoutes } from './steering/steering-routes';
import { UnavailablePage } from './unavailable-page';

/** Serves `/ops`, the operators' pages. Each but the sign-in page needs an operator's session. */
export const opsRoutes =
  (deps: OpsDependencies): FastifyPluginAsync =>
  async (app) => {
    registerOperatorSession(app, deps.db, deps.config);
    handleOpsErrors(app);
    await app.register(async (forms) => {
      rejectForgedOperatorForms(forms);
      await forms.register(signInRoutes(deps));
      await forms.register(statusRoutes({ ...deps, overview: createOverviewReader(deps.db) }));
      await forms.register(auditRoutes(deps));
      await forms.register(findRoutes(deps));
      await forms.register(operatorNoticeRoutes(deps));
      await forms.register(deadLetterRoutes(deps));
      await forms.register(steeringRoutes(deps));
    });
    await app.register(queueRoutes(deps));
  };

function handleOpsErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof OperatorSignInRequired)
      return reply.header('cache-control', 'no-store').redirect('/ops/login', 303);
    if (error instanceof Unavailable) {
      const operator = signedInOperator(request);
      const page = { operator, title: 'در دسترس نیست', heading: 'میز راهبری در دسترس نیست' };
      return sendPage(
        reply.header('retry-after', '5'),
        <UnavailablePage {...page} dependency={error.dependency} retryPath="/ops" />,
        503,
      );
    }
    if (!(error instanceof Refusal) || error.code !== 'forbidden') throw error;
    return sendPage(reply, <ForbiddenPage operator={signedInOperator(request)} />, 403);
  });
}

const ForbiddenPage = ({ operator }: { operator: ReturnType<typeof signedInOperator> }) => (
  <OpsLayout title="اجازه ندارید" operator={operator}>
    <div class="card narrow fault-page">
      <h1>این کار انجام نشد</h1>
      <p>
        بیننده چیزی را تغییر نمی‌دهد، و فرمی که برای این نشست ساخته نشده باشد پذیرفته نمی‌شود. اگر راهبر هستید،
        صفحه را دوباره باز کنید و کار را از سر بگیرید.
      </p>
      <ButtonLink href="/ops">وضعیت</ButtonLink>
    </div>
  </OpsLayout>
);
