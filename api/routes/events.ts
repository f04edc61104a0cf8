import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type createEvents, EVENT_TYPES, isCursor } from '../../core/events/events';
import { callerOf } from '../auth';
import { problemResponses } from '../problem';

const feedQuerySchema = z.strictObject({
  after: z
    .string()
    .refine(isCursor, 'is not a cursor of this feed')
    .optional()
    .meta({ description: 'the `next` of an earlier page; the beginning if absent' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a number from 1 to 1000')
    .default('500')
    .transform(Number)
    .pipe(z.number().min(1).max(1000)),
});

const feedSchema = z
  .object({
    events: z.array(
      z.object({
        seq: z.number().int(),
        at: z.iso.datetime(),
        type: z.enum(EVENT_TYPES),
        noticeId: z.uuid().nullable(),
        trackingNumber: z.string().nullable(),
        reference: z.string().nullable(),
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    next: z
      .string()
      .meta({ description: 'the cursor to go on from; the given one when there is nothing new' }),
  })
  .meta({ id: 'Feed' });

export const eventRoutes =
  (events: Pick<ReturnType<typeof createEvents>, 'feed'>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get('/events', {
      schema: {
        summary: "The caller's feed",
        description: 'Oldest first and without gaps: read until a page is empty, then ask again later.',
        tags: ['events'],
        querystring: feedQuerySchema,
        response: { 200: feedSchema, ...problemResponses() },
      },
      handler: async (request) => {
        const { after, limit } = request.query;
        const page = await events.feed(callerOf(request).sourceId, after ?? null, limit);
        return {
          events: page.events.map((event) => ({ ...event, at: event.at.toISOString() })),
          next: page.next,
        };
      },
    });
  };
