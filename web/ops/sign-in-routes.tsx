import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { type Action, createAudit } from '../../core/operators/audit';
import { createOperatorSessions } from '../../core/operators/operator-sessions';
import { createOperators } from '../../core/operators/operators';
import { Refusal } from '../../core/platform/errors';
import { addressGroup } from '../../core/text/address-group';
import { Button, MessageBox } from '../ui/content';
import type { Visitor } from '../ui/csrf';
import { Field, PostForm } from '../ui/forms';
import { sendPage } from '../ui/send-page';
import { operatorCookie, signedInOperator } from './operator-session';
import type { OpsDependencies } from './ops-dependencies';
import { OpsLayout } from './ops-layout';

const formText = (fields: unknown, name: string): string => {
  const value = (fields as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value.slice(0, 200) : '';
};

const SIGN_IN_ERRORS: Record<string, { status: number; text: string }> = {
  unauthorized: { status: 401, text: 'نام یا گذرواژه درست نیست.' },
  locked_out: { status: 429, text: 'گذرواژه بارها نادرست وارد شد. کمی بعد دوباره بکوشید.' },
  rate_limited: { status: 429, text: 'تلاش برای ورود اکنون بیش از اندازه است. چند لحظه دیگر دوباره بکوشید.' },
};

/**
 * More tries than a person mistypes. Each process counts in its own memory, because this limit only keeps one address
 * from filling the process and the audit log with password checks. Guesses at a name are limited by PostgreSQL, for
 * all processes and addresses together.
 */
const RATE_LIMIT_PER_ADDRESS = {
  max: 20,
  timeWindow: 60_000,
  keyGenerator: ({ ip }: FastifyRequest) => addressGroup(ip),
  errorResponseBuilder: () => new Refusal('rate_limited', 'Too many tries from one address.'),
};

/** Serves `/ops/login` and `/ops/logout`. The audit log records each sign-in, sign-out and refused try. */
export const signInRoutes =
  ({ db, config }: Pick<OpsDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const operators = createOperators(db);
    const sessions = createOperatorSessions(db);
    const cookie = operatorCookie(config);
    const audit = createAudit(db);
    await app.register(fastifyRateLimit, { global: false });
    const record = (
      action: Action,
      { name, role }: { name: string; role: string },
      reason: string | null = null,
    ) =>
      audit.record({
        operator: name,
        role,
        action,
        subject: 'session',
        reason,
        outcome: reason ? 'refused' : 'done',
        touched: 0,
      });

    app.get('/ops/login', async (request, reply) => {
      if (signedInOperator(request)) return reply.redirect('/ops', 303);
      return sendPage(reply, <SignInPage visitor={visitorOf(request)} />);
    });

    app.post('/ops/login', { onRequest: app.rateLimit(RATE_LIMIT_PER_ADDRESS) }, async (request, reply) => {
      const operator = await operators.signIn(typedName(request), formText(request.body, 'password').trim());
      await sessions.end(request.operatorToken);
      const token = await sessions.start(operator.id);
      await record('signed-in', operator);
      cookie.issue(reply, token);
      return reply.header('cache-control', 'no-store').redirect('/ops', 303);
    });

    app.setErrorHandler(async (error, request, reply) => {
      const known = error instanceof Refusal ? SIGN_IN_ERRORS[error.code] : undefined;
      if (!known) throw error;
      const { code } = error as Refusal;
      // The typed name may be a password in the wrong field, so it is not recorded; nor is each try of a flood.
      if (code !== 'rate_limited') await record('sign-in-refused', UNKNOWN_OPERATOR, code);
      const { status, text } = known;
      const page = <SignInPage visitor={visitorOf(request)} name={typedName(request)} error={text} />;
      return sendPage(reply, page, status);
    });

    app.post('/ops/logout', async (request, reply) => {
      const operator = signedInOperator(request);
      await sessions.end(request.operatorToken);
      cookie.issue(reply);
      if (operator) await record('signed-out', operator);
      return reply.header('cache-control', 'no-store').redirect('/ops/login', 303);
    });
  };

const UNKNOWN_OPERATOR = { name: 'nobody', role: 'none' };
const typedName = ({ body }: FastifyRequest): string => formText(body, 'name').trim();
const visitorOf = (request: FastifyRequest): Visitor => request.operator as Visitor;

const SignInPage = ({ visitor, name, error }: { visitor: Visitor; name?: string; error?: string }) => (
  <OpsLayout title="ورود">
    <div class="card narrow">
      {error && <MessageBox tone="bad">{error}</MessageBox>}
      <h1>ورود به میز راهبری</h1>
      <PostForm action="/ops/login" session={visitor}>
        <Field name="name" label="نام" value={name} autocomplete="username" required autofocus />
        <Field
          name="password"
          type="password"
          label="گذرواژه"
          autocomplete="current-password"
          maxLength={200}
          required
        />
        <Button>ورود</Button>
      </PostForm>
      <p class="hint">
        نام و گذرواژه را <bdi dir="ltr">ablagh operator add</bdi> می‌سازد.
      </p>
    </div>
  </OpsLayout>
);
