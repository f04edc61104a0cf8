import type { FastifyPluginAsync } from 'fastify';
import { createInquiries, inquiryOptions } from '../../core/inquiries/inquiries';
import type { AttachmentStore } from '../../core/notices/attachment-store';
import type { Config } from '../../core/platform/config';
import type { Database } from '../../core/platform/database';
import { secretKeysOf } from '../../core/platform/derived-keys';
import { LockedOut, Refusal } from '../../core/platform/errors';
import { toPersianDigits } from '../../core/text/normalise';
import { sendAttachment } from '../ui/send-attachment';
import { sendPage } from '../ui/send-page';
import { currentSession, visitorOf } from '../ui/session';
import { InquiryPage, type InquiryPageProps } from './inquiry-page';
import { InquiryResultPage } from './inquiry-result-page';

export interface InquiryPanelDependencies {
  db: Database;
  attachments: AttachmentStore;
  config: Pick<Config<'SECRET_KEY'>, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS' | 'INQUIRY_SMS' | 'SMS_SUFFIX'>;
}

interface AttachmentPath {
  Params: { attachmentId: string };
  Querystring: { pass?: unknown; download?: unknown };
}

/** The message of every wrong inquiry, whatever was wrong. */
const NO_PERMIT_MESSAGE = 'با این کد ملی و کد رمز مجوز استعلام معتبری وجود ندارد.';
const lockedOutMessage = (seconds: number) =>
  `به دلیل تلاش‌های نادرست پیاپی، استعلام برای مدتی ممکن نیست. ${approximateDuration(seconds)} دیگر دوباره بکوشید.`;

/** Serves `/inquiry`, the panel of government bodies. It needs no session. No URL contains a passcode. */
export const inquiryRoutes =
  ({ db, attachments, config }: InquiryPanelDependencies): FastifyPluginAsync =>
  async (app) => {
    const inquiries = createInquiries(db, secretKeysOf(config), inquiryOptions(config));

    app.get('/inquiry', async (request, reply) =>
      sendPage(reply, <InquiryPage visitor={visitorOf(request)} session={currentSession(request)} />),
    );

    app.post('/inquiry', async (request, reply) => {
      const visitor = visitorOf(request);
      const session = currentSession(request);
      const { passcode, ...form } = readForm(request.body);
      try {
        const notice = await inquiries.answer({ ...form, passcode, address: request.ip, actor: 'panel' });
        return sendPage(reply, <InquiryResultPage session={session} notice={notice} />);
      } catch (error) {
        const { status, ...messages } = messagesOf(error);
        if (error instanceof LockedOut) reply.header('retry-after', String(error.retryAfter));
        return sendPage(
          reply,
          <InquiryPage visitor={visitor} session={session} form={form} {...messages} />,
          status,
        );
      }
    });

    app.get<AttachmentPath>('/inquiry/attachments/:attachmentId', async (request, reply) => {
      const { attachmentId } = request.params;
      const { pass, download } = request.query;
      const opened = typeof pass === 'string' && (await inquiries.openAttachment(pass, attachmentId));
      if (!opened) throw new Refusal('not_found', 'There is nothing at this address.');
      const bytes = await attachments.get(attachmentId.toLowerCase());
      return sendAttachment(reply, opened, bytes, download !== undefined);
    });
  };

interface InquiryFailure extends Pick<InquiryPageProps, 'refusal' | 'bodyNameError'> {
  status: number;
}

/** Gives the HTTP status and the messages for a failed inquiry. @throws any error that is not a refusal of the inquiry */
function messagesOf(error: unknown): InquiryFailure {
  if (error instanceof LockedOut) return { status: 429, refusal: lockedOutMessage(error.retryAfter) };
  const code = error instanceof Refusal ? error.code : '';
  if (code === 'no_permit') return { status: 404, refusal: NO_PERMIT_MESSAGE };
  if (code === 'invalid_request') return { status: 400, bodyNameError: 'نام دستگاه را بنویسید.' };
  throw error;
}

/** Writes a duration in whole minutes, from two hours on in whole hours, rounded up. */
function approximateDuration(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120
    ? `${toPersianDigits(minutes)} دقیقه`
    : `${toPersianDigits(Math.ceil(minutes / 60))} ساعت`;
}

function readForm(body: unknown): { bodyName: string; nationalId: string; passcode: string } {
  const fields = (body ?? {}) as Record<string, unknown>;
  const text = (name: string, maxCharacters: number) => {
    const value = fields[name];
    return typeof value === 'string' ? value.slice(0, maxCharacters) : '';
  };
  return {
    bodyName: text('bodyName', 400),
    nationalId: text('nationalId', 64),
    passcode: text('passcode', 64),
  };
}
