import { createEvents, type TimelineEvent } from '../events/events';
import { type NoticeAttachment, readAttachments } from '../notices/attachments';
import { isLegacy } from '../notices/legacy-portal';
import { deadlineOf } from '../notices/notice-kinds';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { addDays, jalaliDayOf, startOfDay } from '../text/jalali-calendar';
import { isUuid } from '../text/uuid';
import {
  LATEST_PERMIT_COLUMNS,
  type LatestPermitRow,
  latestPermitSql,
  type PermitOnNotice,
  toPermitOnNotice,
} from './permit-on-notice';

export type HistoryEvent = Pick<TimelineEvent, 'at' | 'type' | 'data'>;

/** The events of a notice, oldest first. */
export interface NoticeHistory {
  /** The first events, when there are too many to show; otherwise empty. */
  beginning: HistoryEvent[];
  /** Whether events between `beginning` and `latest` are left out. */
  gap: boolean;
  /** The latest events, usually all of them. */
  latest: HistoryEvent[];
}

/** The dates of service, by law and in fact, and the last day to object. */
export interface LegalDates {
  registeredAt: Date;
  firstViewedAt: Date | null;
  /** Null for a kind of notice without a deadline. */
  deadline: {
    title: string;
    /** An instant of the last day in Tehran; null until the event that starts the deadline has happened. */
    lastDay: Date | null;
    legalBasis: string;
  } | null;
}

/** A notice as its owner sees it. */
export interface OwnerNoticeView {
  id: string;
  trackingNumber: string;
  sourceTitle: string;
  subject: string;
  smsText: string;
  recipientName: string;
  nationalId: string;
  workshopCode: string;
  /** Whether the content is in the legacy portal. */
  legacy: boolean;
  legal: LegalDates;
  attachments: NoticeAttachment[];
  permit: PermitOnNotice | null;
  history: NoticeHistory;
}

type NoticeRow = Omit<OwnerNoticeView, 'legacy' | 'legal' | 'attachments' | 'permit' | 'history'> &
  LatestPermitRow & { kind: string | null; registeredAt: Date; firstViewedAt: Date | null };

/** @returns null when the employer has no notice of this id */
export async function readOwnerNoticeView(
  db: Queryable,
  noticeId: string,
  employerId: string,
): Promise<OwnerNoticeView | null> {
  if (!isUuid(noticeId)) return null;
  const [row] = await db.query(READ_OWNED_NOTICE, { noticeId, employerId });
  if (!row) return null;
  const attachments = await readAttachments(db, noticeId);
  const history = await readHistory(db, noticeId);
  const { permitState, permitExpiresAt, permitCipher, kind, registeredAt, firstViewedAt, ...notice } = row;
  return {
    ...notice,
    legacy: isLegacy(registeredAt),
    legal: legalDates(kind, registeredAt, firstViewedAt ?? firstViewIn(history)),
    attachments,
    permit: toPermitOnNotice({ permitState, permitExpiresAt, permitCipher }),
    history,
  };
}

const READ_OWNED_NOTICE = statement<NoticeRow>(
  'read-owned-notice',
  `SELECT n.id, n.tracking_number AS "trackingNumber", s.title AS "sourceTitle", n.subject,
          n.sms_text AS "smsText", e.name AS "recipientName", e.national_id AS "nationalId",
          n.workshop_code AS "workshopCode", n.kind, n.registered_at AS "registeredAt",
          n.first_viewed_at AS "firstViewedAt", p.*
     FROM notices n
     JOIN source_systems s ON s.id = n.source_id
     JOIN employers e ON e.id = n.employer_id
     LEFT JOIN LATERAL (${latestPermitSql('n.id')}) p ON true
    WHERE n.id = :noticeId AND n.employer_id = :employerId`,
  {
    id: 'uuid',
    trackingNumber: 'int8',
    sourceTitle: 'text',
    subject: 'text',
    smsText: 'text',
    recipientName: 'text',
    nationalId: 'text',
    workshopCode: 'text',
    kind: 'text?',
    registeredAt: 'timestamptz',
    firstViewedAt: 'timestamptz?',
    ...LATEST_PERMIT_COLUMNS,
  },
);

/** Finds the first view among the events: it is recorded before a worker writes it to the notice, and the page must show it. */
const firstViewIn = ({ beginning, latest }: NoticeHistory): Date | null =>
  [...beginning, ...latest].find(({ type }) => type === 'notice.viewed')?.at ?? null;

const MAX_LATEST_EVENTS = 250;
const MAX_FIRST_EVENTS = 50;

/** Reads a bounded history: opening a notice many times must not make it slow, and the events of its service always show. */
async function readHistory(db: Queryable, noticeId: string): Promise<NoticeHistory> {
  const events = createEvents(db);
  const latest = await events.timeline(noticeId, MAX_LATEST_EVENTS);
  const [oldest] = latest;
  if (!oldest || latest.length < MAX_LATEST_EVENTS) return { beginning: [], gap: false, latest };
  const earlier = await events.timelineStart(noticeId, oldest.seq, MAX_FIRST_EVENTS + 1);
  return {
    beginning: earlier.slice(0, MAX_FIRST_EVENTS),
    gap: earlier.length > MAX_FIRST_EVENTS,
    latest,
  };
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
