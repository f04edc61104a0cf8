import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { createInquiries, InquirerNoticeView } from '../../core/inquiries/inquiries';
import type { createSourceSystems } from '../../core/sources/source-systems';
import { callerOf, requireScope } from '../auth';
import { problemResponses } from '../problem';

interface InquiryRouteDependencies {
  inquiries: Pick<ReturnType<typeof createInquiries>, 'answer'>;
  sources: Pick<ReturnType<typeof createSourceSystems>, 'titleOf'>;
  publicUrl: string;
}

const inquirySchema = z.strictObject({
  nationalId: z.string().max(64).meta({ description: "the owner's کد ملی or شناسه ملی" }),
  passcode: z.string().max(64).meta({ description: 'کد رمز, as the owner was given it' }),
});

const inquiredNoticeSchema = z
  .object({
    id: z.uuid(),
    trackingNumber: z.string(),
    source: z.string().meta({ description: 'the title of the system that sent it' }),
    subject: z.string(),
    smsText: z.string(),
    recipient: z.object({ nationalId: z.string(), name: z.string() }),
    registeredAt: z.iso.datetime().meta({ description: 'in the inbox: the legal date' }),
    inquirableUntil: z.iso.datetime().meta({ description: 'the permit ends at this instant' }),
    attachments: z.array(
      z.object({
        fileName: z.string(),
        contentType: z.string(),
        size: z.number().int(),
        url: z.string().nullable().meta({
          description: 'works for ten minutes, and no longer than the permit; null once it was removed',
        }),
      }),
    ),
  })
  .meta({ id: 'InquiredNotice' });

export const inquiryRoutes =
  ({ inquiries, sources, publicUrl }: InquiryRouteDependencies): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/inquiries', {
      onRequest: requireScope('inquiries'),
      schema: {
        summary: 'See a notice by a permit of its owner',
        description:
          'Every try is on the record, and its owner sees it. Whatever is wrong, the answer is no_permit; after ' +
          'too many wrong tries it is locked_out for as long as Retry-After says, also for what is right.',
        tags: ['inquiries'],
        body: inquirySchema,
        response: {
          200: inquiredNoticeSchema,
          ...problemResponses('forbidden', 'no_permit', 'locked_out', 'too_large'),
        },
      },
      handler: async (request) => {
        const { sourceId, sourceCode } = callerOf(request);
        const notice = await inquiries.answer({
          ...request.body,
          bodyName: await sources.titleOf(sourceId),
          address: request.ip,
          actor: `source:${sourceCode}`,
        });
        return toInquiredNotice(publicUrl, notice);
      },
    });
  };

function toInquiredNotice(publicUrl: string, notice: InquirerNoticeView) {
  const { id, trackingNumber, sourceTitle, subject, smsText, recipientName, nationalId, pass } = notice;
  return {
    id,
    trackingNumber,
    source: sourceTitle,
    subject,
    smsText,
    recipient: { nationalId, name: recipientName },
    registeredAt: notice.registeredAt.toISOString(),
    inquirableUntil: notice.inquirableUntil.toISOString(),
    attachments: notice.attachments.map(({ id: attachmentId, fileName, contentType, size, removedAt }) => ({
      fileName,
      contentType,
      size,
      url: removedAt ? null : `${publicUrl}/inquiry/attachments/${attachmentId}?pass=${pass}`,
    })),
  };
}
