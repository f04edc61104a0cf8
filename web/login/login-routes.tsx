import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../../core/platform/database';
import { secretKeysOf } from '../../core/platform/derived-keys';
import { Refusal } from '../../core/platform/errors';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { createSessions } from '../../core/sessions/sessions';
import { isNationalId } from '../../core/text/identifiers';
import { normaliseNumber, toPersianDigits } from '../../core/text/normalise';
import type { SessionSettings } from '../ui/cookie-token';
import { sendPage } from '../ui/send-page';
import { currentSession, requireSession, visitorCookie, visitorOf } from '../ui/session';
import { EnterCodePage, type EnterCodeView } from './enter-code-page';
import { LogoutPage } from './logout-page';
import { RequestCodePage, type RequestCodeView } from './request-code-page';
import { safeNext } from './safe-next';

export interface LoginDependencies {
  db: Database;
  config: SessionSettings;
}

interface LoginServices {
  codes: ReturnType<typeof createLoginCodes>;
  sessions: ReturnType<typeof createSessions>;
  cookie: ReturnType<typeof visitorCookie>;
}

/** Longer texts are neither a national ID nor a code, whatever digits and separators they use. */
const MAX_FIELD_CHARACTERS = 64;

/** Serves `/login` in two steps, the national ID and the code of the SMS, and `/logout`. */
export const loginRoutes =
  ({ db, config }: LoginDependencies): FastifyPluginAsync =>
  async (app) => {
    const services: LoginServices = {
      codes: createLoginCodes(db, secretKeysOf(config)),
      sessions: createSessions(db),
      cookie: visitorCookie(config),
    };
    addRequestCodeRoutes(app, services);
    addEnterCodeRoutes(app, services);
    addLogoutRoutes(app, services);
  };

function addRequestCodeRoutes(app: FastifyInstance, { codes }: LoginServices): void {
  app.get('/login', async (request, reply) => {
    const next = safeNext(field(request.query, 'next'));
    if (currentSession(request)) return reply.redirect(next, 303);
    const signedOut = field(request.query, 'bye') === '1';
    return sendRequestCodePage(request, reply, { next, signedOut });
  });

  app.post('/login', async (request, reply) => {
    const next = safeNext(field(request.body, 'next'));
    const typed = field(request.body, 'nationalId');
    const nationalId = normaliseNumber(typed);
    if (typed.length <= MAX_FIELD_CHARACTERS && isNationalId(nationalId))
      return requestCode(codes, request, reply, { nationalId, next });
    const view = { next, nationalId: typed.slice(0, MAX_FIELD_CHARACTERS), invalid: true };
    return sendRequestCodePage(request, reply, view, 422);
  });

  app.post('/login/again', async (request, reply) => {
    const next = safeNext(field(request.body, 'next'));
    const pending = await codes.pending(request.visitorToken);
    if (!pending) return sendRequestCodePage(request, reply, { next, error: CODE_EXPIRED_MESSAGE }, 422);
    return requestCode(codes, request, reply, { nationalId: pending.nationalId, next });
  });
}

function addEnterCodeRoutes(app: FastifyInstance, { codes, sessions, cookie }: LoginServices): void {
  async function sendEnterCodePage(
    request: FastifyRequest,
    reply: FastifyReply,
    view: EnterCodeView,
    status = 200,
  ) {
    const pending = await codes.pending(request.visitorToken);
    const { next } = view;
    if (!pending) return sendRequestCodePage(request, reply, { next, error: CODE_EXPIRED_MESSAGE }, status);
    return sendPage(
      reply,
      <EnterCodePage visitor={visitorOf(request)} pending={pending} {...view} />,
      status,
    );
  }

  app.get('/login/code', async (request, reply) => {
    const next = safeNext(field(request.query, 'next'));
    if (currentSession(request)) return reply.redirect(next, 303);
    return sendEnterCodePage(request, reply, { next });
  });

  app.post('/login/code', async (request, reply) => {
    const next = safeNext(field(request.body, 'next'));
    const code = normaliseNumber(field(request.body, 'code').slice(0, MAX_FIELD_CHARACTERS));
    if (!/^\d{6}$/.test(code))
      return sendEnterCodePage(request, reply, { next, error: INVALID_CODE_MESSAGE }, 422);
    const checked = await codes.check(code, request.visitorToken);
    if (checked.outcome !== 'right') {
      const error = checked.outcome === 'wrong' ? wrongCodeMessage(checked.triesLeft) : CODE_EXPIRED_MESSAGE;
      return sendEnterCodePage(request, reply, { next, error }, 422);
    }
    await sessions.end(request.visitorToken);
    cookie.issue(reply, checked.token);
    return reply.header('cache-control', 'no-store').redirect(next, 303);
  });
}

function addLogoutRoutes(app: FastifyInstance, { sessions, cookie }: LoginServices): void {
  app.get('/logout', async (request, reply) =>
    sendPage(reply, <LogoutPage session={requireSession(request)} />),
  );

  app.post('/logout', async (request, reply) => {
    const session = currentSession(request);
    await sessions.end(request.visitorToken);
    if (session && field(request.body, 'where') === 'everywhere') await sessions.endAll(session.employerId);
    cookie.issue(reply);
    return reply.header('cache-control', 'no-store').redirect('/login?bye=1', 303);
  });
}

/** Requests a code and redirects to the page where it is typed; shows the first page with an error when no code can be sent. */
async function requestCode(
  codes: LoginServices['codes'],
  request: FastifyRequest,
  reply: FastifyReply,
  { nationalId, next }: { nationalId: string; next: string },
) {
  const visitor = { token: request.visitorToken, address: request.ip };
  const { sent, resendIn } = await codes.request(nationalId, visitor).catch(lockedOutAsNotSent);
  const isPending = sent || (await codes.pending(request.visitorToken))?.nationalId === nationalId;
  if (isPending) return reply.redirect(`/login/code?next=${encodeURIComponent(next)}`, 303);
  const error = resendIn > 0 ? tooSoonMessage(resendIn) : TOO_MANY_REQUESTS_MESSAGE;
  return sendRequestCodePage(request, reply, { next, nationalId, error }, 429);
}

const sendRequestCodePage = (
  request: FastifyRequest,
  reply: FastifyReply,
  view: RequestCodeView,
  status = 200,
) => sendPage(reply, <RequestCodePage visitor={visitorOf(request)} {...view} />, status);

/** Returns a field as text; empty when it is absent or repeated. */
function field(fields: unknown, name: string): string {
  const value = (fields as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

const CODE_EXPIRED_MESSAGE = 'مهلت کد گذشته است، یا بارها نادرست وارد شد. کد دیگری بخواهید.';
const INVALID_CODE_MESSAGE = 'کد شش رقم است؛ همان که در پیامک آمده.';
const TOO_MANY_REQUESTS_MESSAGE = 'تعداد درخواست‌ها بیش از اندازه است. بعداً دوباره بکوشید.';
const tooSoonMessage = (seconds: number) =>
  `برای این شناسه همین چند لحظه پیش کدی خواسته شده است. ${toPersianDigits(seconds)} ثانیه دیگر دوباره بکوشید.`;
const wrongCodeMessage = (left: number) =>
  left > 0 ? `کد درست نیست. ${toPersianDigits(left)} بار دیگر می‌توانید امتحان کنید.` : CODE_EXPIRED_MESSAGE;

function lockedOutAsNotSent(error: unknown): { sent: false; resendIn: 0 } {
  if (error instanceof Refusal && error.code === 'locked_out') return { sent: false, resendIn: 0 };
  throw error;
}
