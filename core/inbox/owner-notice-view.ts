import type { EventData, EventType } from '../events/events';
import { isLegacy } from '../notices/legacy-portal';
import { deadlineOf } from '../notices/notice-kinds';
import type { Queryable } from '../platform/database';
import { addDays, jalaliDayOf, startOfDay } from '../text/jalali-calendar';
import { isUuid } from '../text/uuid';
import {
  latestPermitSql,
  type PermitColumns,
  type PermitOnNotice,
  toPermitOnNotice,
} from './permit-on-notice';

export interface HistoryEvent {
  at: Date;
  type: EventType;
  data: EventData;
}

export interface OwnerViewAttachment {
  id: string;
  fileName: string;
  contentType: string;
  size: number;
  /** When its bytes were removed, because its time was over; null while they are here. */
  removedAt: Date | null;
}

/** What happened to a notice, the oldest first. */
export interface NoticeHistory {
  /** How it began, where there is too much to read; else nothing. */
  beginning: HistoryEvent[];
  /** Whether something between the beginning and the rest is left out. */
  gap: boolean;
  /** The latest, mostly all there is. */
  latest: HistoryEvent[];
}

/** When it was served, by law and in fact, and until when something may be done about it. */
export interface LegalDates {
  registeredAt: Date;
  firstViewedAt: Date | null;
  deadline: {
    title: string;
    /** An instant of its last day in Tehran; null until that which starts it has happened. */
    lastDay: Date | null;
    legalBasis: string;
  } | null;
}

/** Everything the owner of a notice sees of it. */
export interface OwnerNoticeView {
  id: string;
  trackingNumber: string;
  sourceTitle: string;
  subject: string;
  smsText: string;
  recipientName: string;
  nationalId: string;
  workshopCode: string;
  legacy: boolean;
  legal: LegalDates;
  attachments: OwnerViewAttachment[];
  permit: PermitOnNotice | null;
  history: NoticeHistory;
}

type NoticeRow = Omit<OwnerNoticeView, 'legacy' | 'legal' | 'attachments' | 'permit' | 'history'> &
  PermitColumns & { kind: string | null; registeredAt: Date; firstViewedAt: Date | null };

/** @returns null when the employer has no notice of this id */
export async function readOwnerNoticeView(
  db: Queryable,
  noticeId: string,
  employerId: string,
): Promise<OwnerNoticeView | null> {
  if (!isUuid(noticeId)) return null;
  const [notice] = await db.query<NoticeRow>(
    `SELECT n.id, n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.subject,
            n.sms_text AS "smsText", e.name AS "recipientName", e.national_id AS "nationalId",
            n.workshop_code AS "workshopCode", n.kind, n.registered_at AS "registeredAt",
            n.first_viewed_at AS "firstViewedAt", p.*
       FROM notices n
       JOIN source_systems s ON s.id = n.source_id
       JOIN employers e ON e.id = n.employer_id
       LEFT JOIN LATERAL (${latestPermitSql('n.id')}) p ON true
      WHERE n.id = $1 AND n.employer_id = $2`,
    [noticeId, employerId],
  );
  if (!notice) return null;
  const attachments = await db.query<OwnerViewAttachment>(
    `SELECT id, file_name AS "fileName", content_type AS "contentType", size, removed_at AS "removedAt"
       FROM attachments WHERE notice_id = $1 ORDER BY position`,
    [noticeId],
  );
  const history = await readHistory(db, noticeId);
  const { permitState, permitEnds, permitCipher, kind, registeredAt, firstViewedAt, ...rest } = notice;
  return {
    ...rest,
    legacy: isLegacy(registeredAt),
    legal: legalDates(kind, registeredAt, firstViewedAtOf(firstViewedAt, history)),
    attachments,
    permit: toPermitOnNotice({ permitState, permitEnds, permitCipher }),
    history,
  };
}

/** A view is on the record before the notice is told of it, and the reader of the page must not see less. */
function firstViewedAtOf(recorded: Date | null, { beginning, latest }: NoticeHistory): Date | null {
  if (recorded) return recorded;
  return [...beginning, ...latest].find(({ type }) => type === 'notice.viewed')?.at ?? null;
}

const MAX_LATEST_EVENTS = 250;
const MAX_FIRST_EVENTS = 50;

/** Bounded, because whoever opens a notice again and again must not make it slow; how it was served always shows. */
async function readHistory(db: Queryable, noticeId: string): Promise<NoticeHistory> {
  const latest = await db.query<HistoryEvent & { seq: string }>(
    `SELECT seq, at, type, data FROM events WHERE notice_id = $1 ORDER BY seq DESC LIMIT ${MAX_LATEST_EVENTS}`,
    [noticeId],
  );
  latest.reverse();
  if (latest.length < MAX_LATEST_EVENTS) return { beginning: [], gap: false, latest };
  const before = await db.query<HistoryEvent>(
    `SELECT at, type, data FROM events WHERE notice_id = $1 AND seq < $2 ORDER BY seq LIMIT ${MAX_FIRST_EVENTS + 1}`,
    [noticeId, latest[0]?.seq],
  );
  return { beginning: before.slice(0, MAX_FIRST_EVENTS), gap: before.length > MAX_FIRST_EVENTS, latest };
}

function legalDates(kind: string | null, registeredAt: Date, firstViewedAt: Date | null): LegalDates {
  const deadline = deadlineOf(kind);
  const start = deadline && { registeredAt, firstViewedAt }[deadline.startsAt];
  return {
    registeredAt,
    firstViewedAt,
    deadline: deadline && {
      title: deadline.title,
      lastDay: start && startOfDay(addDays(jalaliDayOf(start), deadline.days)),
      legalBasis: deadline.legalBasis,
    },
  };
}
