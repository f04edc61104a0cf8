import { z } from 'zod';
import { EVENT_TYPES } from '../events/events';
import { CHANNELS } from '../platform/queues';

const instant = z.iso.datetime();

const attemptSchema = z.object({
  at: instant,
  outcome: z
    .enum(['accepted', 'rejected', 'try_later', 'not_sent', 'unknown'])
    .nullable()
    .meta({ description: 'null while it is under way' }),
  code: z.string().nullable().meta({ description: "the provider's code" }),
  providerMessageId: z.string().nullable(),
  cost: z.number().int().nullable().meta({ description: 'Rial' }),
});

const alertSchema = z.object({
  channel: z.enum(CHANNELS),
  state: z.enum(['queued', 'sending', 'sent', 'delivered', 'failed', 'unknown', 'expired', 'cancelled']),
  attempts: z.array(attemptSchema),
});

/** One notice as its sender sees it: what was sent to whom, and everything that happened since. */
export const noticeReportSchema = z
  .object({
    id: z.uuid(),
    trackingNumber: z.string(),
    reference: z.string(),
    state: z.enum(['accepted', 'sent', 'viewed']),
    subject: z.string(),
    recipient: z.object({
      nationalId: z.string(),
      workshopCode: z.string(),
      mobile: z.string().optional().meta({ description: 'where the SMS goes, +989…' }),
      email: z.string().optional().meta({ description: 'where the email goes' }),
    }),
    acceptedAt: instant.meta({ description: 'taken from the sender' }),
    registeredAt: instant.meta({ description: 'in the inbox: the legal date' }),
    sentAt: instant.nullable().meta({ description: 'the first alert that a provider took' }),
    firstViewedAt: instant.nullable(),
    attachments: z.array(
      z.object({ fileName: z.string(), contentType: z.string(), size: z.number().int(), sha256: z.string() }),
    ),
    alerts: z.array(alertSchema),
    timeline: z.array(
      z.object({ at: instant, type: z.enum(EVENT_TYPES), data: z.record(z.string(), z.unknown()) }),
    ),
  })
  .meta({ id: 'NoticeReport' });
export type NoticeReport = z.infer<typeof noticeReportSchema>;
