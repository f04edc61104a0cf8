import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { secretKeysOf } from '../../core/platform/derived-keys';
import { Refusal } from '../../core/platform/errors';
import { createLoginCodes } from '../../core/sessions/login-codes';
import { createSessions } from '../../core/sessions/sessions';
import { isNationalId } from '../../core/text/identifiers';
import { normaliseNumber, toPersianDigits } from '../../core/text/normalise';
import type { PagesDependencies } from '../pages';
import { sendPage } from '../ui/send-page';
import { currentSession, requireSession, setVisitorToken, visitorOf } from '../ui/session';
import { EnterCodePage, type EnterCodeView } from './enter-code-page';
import { LogoutPage } from './logout-page';
import { RequestCodePage, type RequestCodeView } from './request-code-page';
import { safeNext } from './safe-next';

type Fields = Record<string, unknown>;
const field = (fields: unknown, name: string): string => {
  const value = (fields as Fields | undefined)?.[name];
  return typeof value === 'string' ? value : '';
};

/** `/login` in two steps, a national ID and the code that was sent, and `/logout`. */
export const loginRoutes =
  ({ db, config }: Pick<PagesDependencies, 'db' | 'config'>): FastifyPluginAsync =>
  async (app) => {
    const codes = createLoginCodes(db, secretKeysOf(config));
    const sessions = createSessions(db);

    const askForCode = (request: FastifyRequest, reply: FastifyReply, view: RequestCodeView, status = 200) =>
      sendPage(reply, <RequestCodePage visitor={visitorOf(request)} {...view} />, status);

    async function typeCode(request: FastifyRequest, reply: FastifyReply, view: EnterCodeView, status = 200) {
      const pending = await codes.pending(request.visitorToken);
      const { next } = view;
      if (!pending) return askForCode(request, reply, { next, error: CODE_EXPIRED_MESSAGE }, status);
      return sendPage(
        reply,
        <EnterCodePage visitor={visitorOf(request)} pending={pending} {...view} />,
        status,
      );
    }

    /** Both steps ask here: with the ID that was typed, or once more for the one that is pending. */
    async function requestCode(
      request: FastifyRequest,
      reply: FastifyReply,
      nationalId: string,
      next: string,
    ) {
      const visitor = { token: request.visitorToken, address: request.ip };
      const { sent, resendIn } = await codes.request(nationalId, visitor).catch(lockedOutAsNotSent);
      const pending = sent || (await codes.pending(request.visitorToken))?.nationalId === nationalId;
      if (pending) return reply.redirect(`/login/code?next=${encodeURIComponent(next)}`, 303);
      const fault = resendIn > 0 ? tooSoonMessage(resendIn) : TOO_MANY_REQUESTS_MESSAGE;
      return askForCode(request, reply, { next, nationalId, error: fault }, 429);
    }

    app.get('/login', async (request, reply) => {
      const next = safeNext(field(request.query, 'next'));
      if (currentSession(request)) return reply.redirect(next, 303);
      const goodbye = field(request.query, 'bye') === '1';
      return askForCode(request, reply, { next, signedOut: goodbye });
    });

    app.post('/login', async (request, reply) => {
      const next = safeNext(field(request.body, 'next'));
      const typed = field(request.body, 'nationalId');
      const nationalId = normaliseNumber(typed);
      if (typed.length <= 64 && isNationalId(nationalId))
        return requestCode(request, reply, nationalId, next);
      return askForCode(request, reply, { next, nationalId: typed.slice(0, 64), invalid: true }, 422);
    });

    app.get('/login/code', async (request, reply) => {
      const next = safeNext(field(request.query, 'next'));
      if (currentSession(request)) return reply.redirect(next, 303);
      return typeCode(request, reply, { next });
    });

    app.post('/login/again', async (request, reply) => {
      const next = safeNext(field(request.body, 'next'));
      const pending = await codes.pending(request.visitorToken);
      if (!pending) return askForCode(request, reply, { next, error: CODE_EXPIRED_MESSAGE }, 422);
      return requestCode(request, reply, pending.nationalId, next);
    });

    app.post('/login/code', async (request, reply) => {
      const next = safeNext(field(request.body, 'next'));
      const code = normaliseNumber(field(request.body, 'code').slice(0, 64));
      if (!/^\d{6}$/.test(code)) return typeCode(request, reply, { next, error: INVALID_CODE_MESSAGE }, 422);
      const checked = await codes.check(code, request.visitorToken);
      if (checked.outcome !== 'right') {
        const fault =
          checked.outcome === 'wrong' ? wrongCodeMessage(checked.triesLeft) : CODE_EXPIRED_MESSAGE;
        return typeCode(request, reply, { next, error: fault }, 422);
      }
      await sessions.end(request.visitorToken);
      setVisitorToken(reply, config, checked.token);
      return reply.header('cache-control', 'no-store').redirect(next, 303);
    });

    app.get('/logout', async (request, reply) =>
      sendPage(reply, <LogoutPage session={requireSession(request)} />),
    );

    app.post('/logout', async (request, reply) => {
      const session = currentSession(request);
      await sessions.end(request.visitorToken);
      if (session && field(request.body, 'where') === 'everywhere') await sessions.endAll(session.employerId);
      setVisitorToken(reply, config);
      return reply.header('cache-control', 'no-store').redirect('/login?bye=1', 303);
    });
  };

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
