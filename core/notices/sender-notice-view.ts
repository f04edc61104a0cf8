import { z } from 'zod';
import { createEvents, EVENT_TYPES } from '../events/events';
import type { Queryable } from '../platform/database';
import { CHANNELS } from '../platform/queues';

const instantSchema = z.iso.datetime();

const attemptSchema = z.object({
  at: instantSchema,
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
export const senderNoticeViewSchema = z
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
    acceptedAt: instantSchema.meta({ description: 'taken from the sender' }),
    registeredAt: instantSchema.meta({ description: 'in the inbox: the legal date' }),
    sentAt: instantSchema.nullable().meta({ description: 'the first alert that a provider took' }),
    firstViewedAt: instantSchema.nullable(),
    attachments: z.array(
      z.object({
        fileName: z.string(),
        contentType: z.string(),
        size: z.number().int(),
        sha256: z.string(),
        removedAt: instantSchema
          .nullable()
          .meta({ description: 'its time was over: the file is no longer kept' }),
      }),
    ),
    alerts: z.array(alertSchema),
    timeline: z.array(
      z.object({ at: instantSchema, type: z.enum(EVENT_TYPES), data: z.record(z.string(), z.unknown()) }),
    ),
  })
  .meta({ id: 'NoticeReport' });
export type SenderNoticeView = z.infer<typeof senderNoticeViewSchema>;

type AlertView = SenderNoticeView['alerts'][number];
type AttemptView = AlertView['attempts'][number];

interface NoticeRow {
  trackingNumber: string;
  reference: string;
  subject: string;
  nationalId: string;
  workshopCode: string;
  acceptedAt: Date;
  registeredAt: Date;
  firstViewedAt: Date | null;
}

interface AlertRow {
  id: string;
  channel: AlertView['channel'];
  state: AlertView['state'];
  address: string;
  sentAt: Date | null;
  attemptId: string | null;
  attemptAt: Date | null;
}

type AttachmentRow = Omit<SenderNoticeView['attachments'][number], 'removedAt'> & { removedAt: Date | null };

type AttemptRow = Omit<AttemptView, 'at'> & { id: string; alertId: string; at: Date };

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads notices for the systems that sent them. */
export function createSenderNoticeReader(db: Queryable) {
  return {
    /** The notice, or null when there is none of this id, or when another source system sent it. */
    async read(id: string, sourceId: number): Promise<SenderNoticeView | null> {
      if (!UUID.test(id)) return null;
      const [notice] = await db.query<NoticeRow>(
        `SELECT n.tracking_number AS "trackingNumber", n.reference, n.subject, e.national_id AS "nationalId",
                n.workshop_code AS "workshopCode", n.accepted_at AS "acceptedAt",
                n.registered_at AS "registeredAt", n.first_viewed_at AS "firstViewedAt"
           FROM notices n JOIN employers e ON e.id = n.employer_id WHERE n.id = $1 AND n.source_id = $2`,
        [id, sourceId],
      );
      if (!notice) return null;
      const alerts = await db.query<AlertRow>(
        `SELECT id, channel, state, address, sent_at AS "sentAt", attempt_id AS "attemptId",
                attempt_at AS "attemptAt"
           FROM alerts WHERE notice_id = $1 AND text IS NULL ORDER BY id`,
        [id],
      );
      const attempts = await db.query<AttemptRow>(
        `SELECT id, alert_id AS "alertId", at, outcome, code, provider_message_id AS "providerMessageId", cost
           FROM attempts WHERE alert_id = ANY($1::bigint[]) ORDER BY id`,
        [alerts.map((alert) => alert.id)],
      );
      const attachments = await db.query<AttachmentRow>(
        `SELECT file_name AS "fileName", content_type AS "contentType", size, encode(sha256, 'hex') AS sha256,
                removed_at AS "removedAt"
           FROM attachments WHERE notice_id = $1 ORDER BY position`,
        [id],
      );
      const timeline = await createEvents(db).timeline(id);
      return {
        ...toSenderNoticeView(id.toLowerCase(), notice, alerts),
        attachments: attachments.map(({ removedAt, ...file }) => ({
          ...file,
          removedAt: removedAt?.toISOString() ?? null,
        })),
        alerts: alerts.map((alert) => toAlertView(alert, attempts)),
        timeline: timeline.map((event) => ({ ...event, at: event.at.toISOString() })),
      };
    },
  };
}

function toSenderNoticeView(id: string, notice: NoticeRow, alerts: AlertRow[]) {
  const { nationalId, workshopCode, acceptedAt, registeredAt, firstViewedAt, ...rest } = notice;
  const sentAt = alerts
    .flatMap((alert) => alert.sentAt ?? [])
    .reduce<Date | null>((first, at) => (first && first < at ? first : at), null);
  const mobile = alerts.find(({ channel }) => channel === 'sms')?.address;
  const email = alerts.find(({ channel }) => channel === 'email')?.address;
  const state: SenderNoticeView['state'] = firstViewedAt ? 'viewed' : sentAt ? 'sent' : 'accepted';
  return {
    id,
    ...rest,
    state,
    recipient: { nationalId, workshopCode, ...(mobile && { mobile }), ...(email && { email }) },
    acceptedAt: acceptedAt.toISOString(),
    registeredAt: registeredAt.toISOString(),
    sentAt: sentAt?.toISOString() ?? null,
    firstViewedAt: firstViewedAt?.toISOString() ?? null,
  };
}

function toAlertView({ id, channel, state, attemptId, attemptAt }: AlertRow, all: AttemptRow[]): AlertView {
  const own = all.filter(({ alertId }) => alertId === id);
  const attempts: AttemptView[] = own.map(({ id: _, alertId: __, at, ...rest }) => ({
    ...rest,
    at: at.toISOString(),
  }));
  // The row of an attempt comes with its outcome; until then only the alert tells that one is under way.
  if (attemptId && attemptAt && own.every((attempt) => attempt.id !== attemptId)) {
    attempts.push({
      at: attemptAt.toISOString(),
      outcome: null,
      code: null,
      providerMessageId: null,
      cost: null,
    });
  }
  return { channel, state, attempts };
}
