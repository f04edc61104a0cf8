import type { AlertState, AttemptOutcome } from '../alerts/states';
import { createEvents, type TimelineEvent } from '../events/events';
import { type NoticeAttachment, readAttachments } from '../notices/attachments';
import { type AuditEntry, createAudit } from '../operators/audit';
import type { Queryable } from '../platform/database';
import type { Channel, Lane } from '../platform/queues';
import { statement } from '../platform/statement';
import { isUuid } from '../text/uuid';
import { alertSubject, noticeSubject } from './audit-subjects';

export interface AttemptView {
  id: string;
  at: Date;
  settledAt: Date;
  provider: string;
  outcome: AttemptOutcome;
  /** The provider's code; `detail` is the provider's text. */
  code: string | null;
  detail: string | null;
  providerMessageId: string | null;
  /** Rial. */
  cost: number | null;
  parts: number | null;
}

export interface AlertView {
  id: string;
  channel: Channel;
  lane: Lane;
  address: string;
  state: AlertState;
  reason: string | null;
  /** The text of an SMS about an inquiry; null for an alert of the notice, whose text is made from the notice. */
  text: string | null;
  sentAt: Date | null;
  expiresAt: Date;
  /** Whether it ended badly and no operator has dealt with it yet. */
  dead: boolean;
  /** The code of the provider, or of ours, by which a dead alert ended; null when it is not dead. */
  cause: string | null;
  /** The oldest first. */
  attempts: AttemptView[];
}

interface InquiryView {
  at: Date;
  bodyName: string;
  outcome: 'answered' | 'no_permit' | 'locked_out';
}

export interface PermitView {
  id: string;
  duration: string;
  state: 'live' | 'revoked' | 'expired';
  issuedAt: Date;
  expiresAt: Date;
  /** The oldest first. */
  inquiries: InquiryView[];
}

interface Recipient {
  name: string;
  nationalId: string;
  workshopCode: string;
  mobile: string | null;
  email: string | null;
}

interface NoticeFields {
  id: string;
  trackingNumber: string;
  reference: string;
  sourceTitle: string;
  kind: string | null;
  priority: Lane;
  subject: string;
  smsText: string;
  acceptedAt: Date;
  registeredAt: Date;
  firstViewedAt: Date | null;
}

/** Everything known about a notice. Mask it with `maskNoticeView` before it is shown. */
export interface OperatorNoticeView extends NoticeFields {
  /** The recipient as the register has it now; the addresses used are part of `alerts`. */
  recipient: Recipient;
  attachments: NoticeAttachment[];
  alerts: AlertView[];
  /** The oldest first; only the latest events of a very long timeline. */
  timeline: TimelineEvent[];
  permits: PermitView[];
  /** The operators' actions on it, the latest first. */
  auditEntries: AuditEntry[];
}

/** The most rows of each list, so that a notice with a very long history can still be shown. */
const MAX_LIST_ROWS = 500;

const READ_NOTICE = statement<NoticeFields & Recipient>(
  'read-notice-for-operator',
  `SELECT n.id, n.tracking_number AS "trackingNumber", n.reference, s.title AS "sourceTitle", n.kind,
          n.priority, n.subject, n.sms_text AS "smsText", n.accepted_at AS "acceptedAt",
          n.registered_at AS "registeredAt", n.first_viewed_at AS "firstViewedAt", e.name,
          e.national_id AS "nationalId", n.workshop_code AS "workshopCode", e.mobile, e.email
     FROM notices n JOIN source_systems s ON s.id = n.source_id JOIN employers e ON e.id = n.employer_id
    WHERE n.id = :id`,
  {
    id: 'uuid',
    trackingNumber: 'int8',
    reference: 'text',
    sourceTitle: 'text',
    kind: 'text?',
    priority: 'text',
    subject: 'text',
    smsText: 'text',
    acceptedAt: 'timestamptz',
    registeredAt: 'timestamptz',
    firstViewedAt: 'timestamptz?',
    name: 'text',
    nationalId: 'text',
    workshopCode: 'text',
    mobile: 'text?',
    email: 'text?',
  },
);

const READ_ALERTS = statement<Omit<AlertView, 'attempts'>>(
  'read-alerts-for-operator',
  `SELECT a.id, a.channel, a.lane, a.address, a.state, a.reason, a.text, a.sent_at AS "sentAt",
          a.expires_at AS "expiresAt", d.alert_id IS NOT NULL AS dead, d.cause
     FROM alerts a LEFT JOIN dead_alerts d ON d.alert_id = a.id
    WHERE a.notice_id = :noticeId ORDER BY a.id`,
  {
    id: 'int8',
    channel: 'text',
    lane: 'text',
    address: 'text',
    state: 'text',
    reason: 'text?',
    text: 'text?',
    sentAt: 'timestamptz?',
    expiresAt: 'timestamptz',
    dead: 'bool',
    cause: 'text?',
  },
);

const READ_ATTEMPTS = statement<AttemptView & { alertId: string }>(
  'read-attempts-for-operator',
  `SELECT id, alert_id AS "alertId", at, settled_at AS "settledAt", provider, outcome, code, detail,
          provider_message_id AS "providerMessageId", cost, parts
     FROM attempts WHERE alert_id = ANY(:alertIds::bigint[]) ORDER BY id DESC LIMIT ${MAX_LIST_ROWS}`,
  {
    id: 'int8',
    alertId: 'int8',
    at: 'timestamptz',
    settledAt: 'timestamptz',
    provider: 'text',
    outcome: 'text',
    code: 'text?',
    detail: 'text?',
    providerMessageId: 'text?',
    cost: 'int4?',
    parts: 'int2?',
  },
);

/** Reads permits without the passcode, in whatever form: no operator needs it. */
const READ_PERMITS = statement<Omit<PermitView, 'inquiries'>>(
  'read-permits-for-operator',
  `SELECT id, duration, issued_at AS "issuedAt", expires_at AS "expiresAt",
          CASE WHEN state = 'revoked' THEN 'revoked'
               WHEN state = 'active' AND expires_at > now() THEN 'live' ELSE 'expired' END AS state
     FROM permits WHERE notice_id = :noticeId ORDER BY issued_at, id`,
  { id: 'int8', duration: 'text', state: 'text', issuedAt: 'timestamptz', expiresAt: 'timestamptz' },
);

const READ_INQUIRIES = statement<InquiryView & { permitId: string | null }>(
  'read-inquiries-for-operator',
  `SELECT permit_id AS "permitId", at, body_name AS "bodyName", outcome
     FROM inquiries WHERE permit_id = ANY(:permitIds::bigint[]) ORDER BY at DESC LIMIT ${MAX_LIST_ROWS}`,
  { permitId: 'int8?', at: 'timestamptz', bodyName: 'text', outcome: 'text' },
);

/** @returns null when there is no notice of this id, or the text is no id */
export async function readOperatorNoticeView(db: Queryable, id: string): Promise<OperatorNoticeView | null> {
  if (!isUuid(id)) return null;
  const [row] = await db.query(READ_NOTICE, { id });
  if (!row) return null;
  const { name, nationalId, workshopCode, mobile, email, ...notice } = row;
  const alerts = await readAlerts(db, id);
  return {
    ...notice,
    recipient: { name, nationalId, workshopCode, mobile, email },
    alerts,
    attachments: await readAttachments(db, id),
    timeline: await createEvents(db).timeline(id, MAX_LIST_ROWS),
    permits: await readPermits(db, id),
    auditEntries: await createAudit(db).about(
      [noticeSubject(notice.id), ...alerts.map((alert) => alertSubject(alert.id))],
      MAX_LIST_ROWS,
    ),
  };
}

async function readAlerts(db: Queryable, noticeId: string): Promise<AlertView[]> {
  const alerts = await db.query(READ_ALERTS, { noticeId });
  const attempts = await db.query(READ_ATTEMPTS, { alertIds: alerts.map(({ id }) => id) });
  return alerts.map((alert) => ({
    ...alert,
    attempts: attempts
      .filter(({ alertId }) => alertId === alert.id)
      .map(({ alertId: _, ...attempt }) => attempt)
      .reverse(),
  }));
}

async function readPermits(db: Queryable, noticeId: string): Promise<PermitView[]> {
  const permits = await db.query(READ_PERMITS, { noticeId });
  const inquiries = await db.query(READ_INQUIRIES, { permitIds: permits.map(({ id }) => id) });
  return permits.map((permit) => ({
    ...permit,
    inquiries: inquiries
      .filter(({ permitId }) => permitId === permit.id)
      .map(({ permitId: _, ...inquiry }) => inquiry)
      .reverse(),
  }));
}
