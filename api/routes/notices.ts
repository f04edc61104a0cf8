import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { intakeOutcome } from '../../core/notices/accept-notices';
import type { Acceptor } from '../../core/notices/acceptor';
import { acceptedSchema, MAX_NOTICE_BYTES, noticeSchema } from '../../core/notices/notice-schema';
import { type createSenderNoticeReader, senderNoticeViewSchema } from '../../core/notices/sender-notice-view';
import { Refusal } from '../../core/platform/errors';
import type { Metrics } from '../../core/platform/metrics';
import { callerOf, requireScope } from '../auth';
import { problemResponses } from '../problem';

interface NoticeRouteDependencies {
  acceptor: Acceptor;
  reader: ReturnType<typeof createSenderNoticeReader>;
  metrics: Pick<Metrics, 'countNotices'>;
}

/** The time for five files of 5 MB over a slow connection. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** The reasons to refuse a notice of the right shape. */
const REFUSAL_CODES = [
  'no_service_agreement',
  'unknown_employer',
  'unknown_workshop',
  'invalid_national_id',
  'invalid_workshop_code',
  'invalid_mobile',
  'invalid_email',
  'link_not_allowed',
  'invalid_attachment',
  'sms_text_too_long',
];

export const noticeRoutes =
  ({ acceptor, reader, metrics }: NoticeRouteDependencies): FastifyPluginAsyncZod =>
  async (app) => {
    app.post('/notices', {
      bodyLimit: MAX_NOTICE_BYTES,
      handlerTimeout: UPLOAD_TIMEOUT_MS,
      onRequest: requireScope('notices'),
      schema: {
        summary: 'Serve one notice',
        description:
          'Answered after the commit. The same reference again, with the same content, is harmless.',
        tags: ['notices'],
        body: noticeSchema,
        response: {
          202: acceptedSchema.describe('accepted'),
          200: acceptedSchema.describe('accepted before'),
          ...problemResponses('forbidden', 'reference_conflict', 'too_large', ...REFUSAL_CODES),
        },
      },
      // The schema is here for the OpenAPI document only: accepting validates at every door, and records the refusal.
      validatorCompiler: () => (value) => ({ value }),
      handler: async (request, reply) => {
        const { keyId, sourceId, sourceCode } = callerOf(request);
        const source = { id: sourceId, code: sourceCode };
        const input: unknown = request.body;
        const [answer] = await acceptor.accept([{ door: 'http', source, keyId, input }]);
        if (!answer) throw new Error('accepting a notice gave no answer');
        metrics.countNotices('http', [intakeOutcome(answer)]);
        if (answer instanceof Refusal) throw answer;
        return reply.code(answer.duplicate ? 200 : 202).send(answer);
      },
    });

    app.get('/notices/:id', {
      onRequest: requireScope('notices'),
      schema: {
        summary: 'What became of a notice',
        tags: ['notices'],
        params: z.object({ id: z.string().meta({ description: 'the id given when it was accepted' }) }),
        response: { 200: senderNoticeViewSchema, ...problemResponses('forbidden', 'not_found') },
      },
      handler: async (request) => {
        const report = await reader.read(request.params.id, callerOf(request).sourceId);
        if (!report) throw new Refusal('not_found', 'This source system has sent no notice of this id.');
        return report;
      },
    });
  };
