import { z } from 'zod';
import { ALERT_STATES, ATTEMPT_OUTCOMES, type AttemptOutcome } from '../alerts/states';
import { createEvents, EVENT_TYPES } from '../events/events';
import type { Queryable } from '../platform/database';
import { CHANNELS } from '../platform/queues';
import { statement } from '../platform/statement';
import { isUuid } from '../text/uuid';
import { readAttachments } from './attachments';

const instantSchema = z.iso.datetime();

const attemptSchema = z.object({
  at: instantSchema,
  outcome: z.enum(ATTEMPT_OUTCOMES).nullable().meta({ description: 'null while it is under way' }),
  code: z.string().nullable().meta({ description: "the provider's code" }),
  providerMessageId: z.string().nullable(),
  cost: z.number().int().nullable().meta({ description: 'Rial' }),
});

const alertSchema = z.object({
  channel: z.enum(CHANNELS),
  state: z.enum(ALERT_STATES),
  attempts: z.array(attemptSchema),
});

/** A notice as its sender sees it: its content, its recipient, and everything that happened since. */
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

type AttemptRow = Omit<AttemptView, 'at' | 'outcome'> & {
  id: string;
  alertId: string;
  at: Date;
  outcome: AttemptOutcome;
};

const READ_SENT_NOTICE = statement<NoticeRow>(
  'read-sent-notice',
  `SELECT n.tracking_number AS "trackingNumber", n.reference, n.subject, e.national_id AS "nationalId",
          n.workshop_code AS "workshopCode", n.accepted_at AS "acceptedAt", n.registered_at AS "registeredAt",
          n.first_viewed_at AS "firstViewedAt"
     FROM notices n JOIN employers e ON e.id = n.employer_id WHERE n.id = :id AND n.source_id = :sourceId`,
  {
    trackingNumber: 'int8',
    reference: 'text',
    subject: 'text',
    nationalId: 'text',
    workshopCode: 'text',
    acceptedAt: 'timestamptz',
    registeredAt: 'timestamptz',
    firstViewedAt: 'timestamptz?',
  },
);

/** Alerts with a text of their own are SMS about an inquiry, not alerts of the notice. */
const READ_ALERTS_OF_NOTICE = statement<AlertRow>(
  'read-alerts-of-sent-notice',
  `SELECT id, channel, state, address, sent_at AS "sentAt", attempt_id AS "attemptId", attempt_at AS "attemptAt"
     FROM alerts WHERE notice_id = :noticeId AND text IS NULL ORDER BY id`,
  {
    id: 'int8',
    channel: 'text',
    state: 'text',
    address: 'text',
    sentAt: 'timestamptz?',
    attemptId: 'int8?',
    attemptAt: 'timestamptz?',
  },
);

const READ_ATTEMPTS_OF_ALERTS = statement<AttemptRow>(
  'read-attempts-of-sent-notice',
  `SELECT id, alert_id AS "alertId", at, outcome, code, provider_message_id AS "providerMessageId", cost
     FROM attempts WHERE alert_id = ANY(:alertIds::bigint[]) ORDER BY id`,
  {
    id: 'int8',
    alertId: 'int8',
    at: 'timestamptz',
    outcome: 'text',
    code: 'text?',
    providerMessageId: 'text?',
    cost: 'int4?',
  },
);

/** Reads notices for the source systems that sent them. */
export function createSenderNoticeReader(db: Queryable) {
  return {
    /** Gives the notice; null when no notice has this id, or another source system sent it. */
    async read(id: string, sourceId: number): Promise<SenderNoticeView | null> {
      if (!isUuid(id)) return null;
      const [notice] = await db.query(READ_SENT_NOTICE, { id, sourceId });
      if (!notice) return null;
      const alerts = await db.query(READ_ALERTS_OF_NOTICE, { noticeId: id });
      const attempts = await db.query(READ_ATTEMPTS_OF_ALERTS, { alertIds: alerts.map((alert) => alert.id) });
      const attachments = await readAttachments(db, id);
      const timeline = await createEvents(db).timeline(id);
      return {
        ...toSenderNoticeView(id.toLowerCase(), notice, alerts),
        attachments: attachments.map(({ id: _, removedAt, ...file }) => ({
          ...file,
          removedAt: removedAt?.toISOString() ?? null,
        })),
        alerts: alerts.map((alert) => toAlertView(alert, attempts)),
        timeline: timeline.map(({ at, type, data }) => ({ at: at.toISOString(), type, data })),
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
  // The row of an attempt is written with its outcome; until then only the alert shows that an attempt is under way.
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
