import type { AlertState } from '../alerts/states';
import type { EventData, EventType } from '../events/events';
import { type AuditEntry, createAudit } from '../operators/audit';
import type { Queryable } from '../platform/database';
import type { Channel, Lane } from '../platform/queues';
import { isUuid } from '../text/uuid';
import { alertSubject, noticeSubject } from './audit-subjects';

export interface AttemptView {
  id: string;
  at: Date;
  settledAt: Date;
  provider: string;
  outcome: 'accepted' | 'rejected' | 'try_later' | 'not_sent' | 'unknown';
  /** The provider's own, as is `detail`. */
  code: string | null;
  detail: string | null;
  providerMessageId: string | null;
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
  /** Of an SMS about the notice that is not its alert. */
  text: string | null;
  sentAt: Date | null;
  expiresAt: Date;
  /** Whether it ended badly and nobody has dealt with it, */
  dead: boolean;
  /** and then by which code of the provider or of ours. */
  cause: string | null;
  /** The oldest first. */
  attempts: AttemptView[];
}

export interface PermitView {
  id: string;
  duration: string;
  state: 'live' | 'revoked' | 'expired';
  issuedAt: Date;
  expiresAt: Date;
  inquiries: { at: Date; bodyName: string; outcome: 'answered' | 'no_permit' | 'locked_out' }[];
}

/** Everything that is known of a notice; whoever shows it masks it first. */
export interface OperatorNoticeView {
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
  /** As the register has it now; where alerts went stands with them. */
  recipient: {
    name: string;
    nationalId: string;
    workshopCode: string;
    mobile: string | null;
    email: string | null;
  };
  attachments: { fileName: string; contentType: string; size: number; removedAt: Date | null }[];
  alerts: AlertView[];
  /** The oldest first; of a very long one, the latest. */
  timeline: { at: Date; type: EventType; actor: string; data: EventData }[];
  permits: PermitView[];
  /** What operators did about it, the latest first. */
  auditEntries: AuditEntry[];
}

const MAX_LIST_ROWS = 500;

/** @returns null when there is no notice of this id */
export async function readOperatorNoticeView(db: Queryable, id: string): Promise<OperatorNoticeView | null> {
  if (!isUuid(id)) return null;
  const [notice] = await db.query<
    Omit<OperatorNoticeView, 'recipient'> & OperatorNoticeView['recipient'] & Record<string, unknown>
  >(
    `SELECT n.id, n.tracking_number AS "trackingNumber", n.reference, s.title AS "sourceTitle", n.kind,
            n.priority, n.subject, n.sms_text AS "smsText", n.accepted_at AS "acceptedAt",
            n.registered_at AS "registeredAt", n.first_viewed_at AS "firstViewedAt", e.name,
            e.national_id AS "nationalId", n.workshop_code AS "workshopCode", e.mobile, e.email
       FROM notices n JOIN source_systems s ON s.id = n.source_id JOIN employers e ON e.id = n.employer_id
      WHERE n.id = $1`,
    [id],
  );
  if (!notice) return null;
  const { name, nationalId, workshopCode, mobile, email, ...rest } = notice;
  const alerts = await alertsOf(db, id);
  return {
    ...rest,
    recipient: { name, nationalId, workshopCode, mobile, email },
    alerts,
    attachments: await db.query<OperatorNoticeView['attachments'][number]>(
      `SELECT file_name AS "fileName", content_type AS "contentType", size, removed_at AS "removedAt"
         FROM attachments WHERE notice_id = $1 ORDER BY position`,
      [id],
    ),
    timeline: (
      await db.query<OperatorNoticeView['timeline'][number]>(
        `SELECT at, type, actor, data FROM events WHERE notice_id = $1 ORDER BY seq DESC LIMIT ${MAX_LIST_ROWS}`,
        [id],
      )
    ).reverse(),
    permits: await permitsOf(db, id),
    auditEntries: await createAudit(db).about(
      [noticeSubject(notice.id), ...alerts.map((alert) => alertSubject(alert.id))],
      MAX_LIST_ROWS,
    ),
  };
}

async function alertsOf(db: Queryable, noticeId: string): Promise<AlertView[]> {
  const alerts = await db.query<Omit<AlertView, 'attempts'>>(
    `SELECT a.id, a.channel, a.lane, a.address, a.state, a.reason, a.text, a.sent_at AS "sentAt",
            a.expires_at AS "expiresAt", d.alert_id IS NOT NULL AS dead, d.cause
       FROM alerts a LEFT JOIN dead_alerts d ON d.alert_id = a.id
      WHERE a.notice_id = $1 ORDER BY a.id`,
    [noticeId],
  );
  const attempts = await db.query<AttemptView & { alertId: string }>(
    `SELECT id, alert_id AS "alertId", at, settled_at AS "settledAt", provider, outcome, code, detail,
            provider_message_id AS "providerMessageId", cost, parts
       FROM attempts WHERE alert_id = ANY($1::bigint[]) ORDER BY id DESC LIMIT ${MAX_LIST_ROWS}`,
    [alerts.map(({ id }) => id)],
  );
  return alerts.map((alert) => ({
    ...alert,
    attempts: attempts
      .filter(({ alertId }) => alertId === alert.id)
      .map(({ alertId: _, ...attempt }) => attempt)
      .reverse(),
  }));
}

/** Without the passcode, in whatever form: not even whoever runs the system has a use for it. */
async function permitsOf(db: Queryable, noticeId: string): Promise<PermitView[]> {
  const permits = await db.query<Omit<PermitView, 'inquiries'>>(
    `SELECT id, duration, issued_at AS "issuedAt", expires_at AS "expiresAt",
            CASE WHEN state = 'revoked' THEN 'revoked'
                 WHEN state = 'active' AND expires_at > now() THEN 'live' ELSE 'expired' END AS state
       FROM permits WHERE notice_id = $1 ORDER BY issued_at, id`,
    [noticeId],
  );
  const inquiries = await db.query<PermitView['inquiries'][number] & { permitId: string }>(
    `SELECT permit_id AS "permitId", at, body_name AS "bodyName", outcome
       FROM inquiries WHERE permit_id = ANY($1::bigint[]) ORDER BY at DESC LIMIT ${MAX_LIST_ROWS}`,
    [permits.map(({ id }) => id)],
  );
  return permits.map((permit) => ({
    ...permit,
    inquiries: inquiries
      .filter(({ permitId }) => permitId === permit.id)
      .map(({ permitId: _, ...inquiry }) => inquiry)
      .reverse(),
  }));
}
