import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AblaghError, Unavailable } from '../../../core/platform/errors';
import { sendPage } from '../../ui/send-page';
import { signedInOperator } from '../operator-session';
import { UnavailablePage } from '../unavailable-page';
import { BOARD_PATH, isBoardApiCall } from './board-rules';

/** The answers to the board's API calls, by error code. */
const BOARD_ERRORS: Record<string, [status: number, text: string]> = {
  unauthorized: [401, 'نشست شما به پایان رسیده است. صفحه را دوباره باز کنید و وارد شوید.'],
  forbidden: [403, 'این کار اینجا انجام نمی‌شود یا اجازه آن را ندارید. این تلاش ثبت شد.'],
  unavailable: [503, 'جایی که صف‌ها در آن‌اند پاسخ نمی‌دهد. چند لحظه دیگر دوباره بکوشید.'],
};

/** Answers a failed API call of the board with a Persian message that the board shows, and a failed page with a page. */
export function handleBoardErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: Partial<AblaghError>, request, reply) => {
    if (!isBoardApiCall(request)) return sendUnavailablePage(error, request, reply);
    const [status, text] = BOARD_ERRORS[error.code ?? ''] ?? [];
    if (!status) throw error;
    return reply.code(status).send({ error: text });
  });
}

function sendUnavailablePage(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof Unavailable)) throw error;
  const operator = signedInOperator(request);
  const page = {
    operator,
    title: 'صف‌ها',
    heading: 'صف‌ها در دسترس نیستند',
    current: 'queues',
    dependency: error.dependency,
    retryPath: BOARD_PATH,
  } as const;
  return sendPage(reply, <UnavailablePage {...page} />, 503);
}
