import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AblaghError, Unavailable } from '../../../core/platform/errors';
import { ButtonLink } from '../../frame/content';
import { sendPage } from '../../frame/html';
import { type SignedInOperator, signedInOperator } from '../operator-session';
import { OpsLayout } from '../ops-layout';
import { BOARD, isBoardCall } from './board-rules';

/** Status and words by what was thrown. */
const FAULTS: Record<string, [status: number, text: string]> = {
  unauthorized: [401, 'نشست شما به پایان رسیده است. صفحه را دوباره باز کنید و وارد شوید.'],
  forbidden: [403, 'این کار اینجا انجام نمی‌شود یا اجازه آن را ندارید. این تلاش ثبت شد.'],
  unavailable: [503, 'جایی که صف‌ها در آن‌اند پاسخ نمی‌دهد. چند لحظه دیگر دوباره بکوشید.'],
};

/** The board shows words of ours when a call of its came to nothing; people who look at the page see a page. */
export function answerBoardFaults(app: FastifyInstance): void {
  app.setErrorHandler((error: Partial<AblaghError>, request, reply) => {
    if (!isBoardCall(request)) return answerPage(error, request, reply);
    const [status, text] = FAULTS[error.code ?? ''] ?? [];
    if (!status) throw error;
    return reply.code(status).send({ error: text });
  });
}

function answerPage(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(error instanceof Unavailable)) throw error;
  return sendPage(reply, <AwayPage operator={signedInOperator(request)} part={error.part} />, 503);
}

const AwayPage = ({ operator, part }: { operator: SignedInOperator | null; part: string }) => (
  <OpsLayout title="صف‌ها" operator={operator} current="queues">
    <div class="card narrow fault-page">
      <h1>صف‌ها در دسترس نیستند</h1>
      <p>
        <bdi dir="ltr">{part === 'redis' ? 'Redis' : 'PostgreSQL'}</bdi> پاسخ نمی‌دهد.
      </p>
      {part === 'redis' && (
        <p>
          مکاتبه‌ها همچنان پذیرفته می‌شوند و چیزی از دست نمی‌رود: هشدارها تا بازگشت آن در پایگاه داده می‌مانند.
        </p>
      )}
      <ButtonLink href={BOARD}>دوباره</ButtonLink>
    </div>
  </OpsLayout>
);
