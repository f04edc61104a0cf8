import type { FeedEvent } from '../../client';
import type { Lane } from '../../core/platform/queues';

export type DoorName = 'http' | 'batch' | 'queue';

/** One notice as its sender knows it. */
export interface NoticeEntry {
  reference: string;
  door: DoorName;
  priority: Lane;
  nationalId: string;
  /** Where its alerts must arrive, and nowhere else. */
  mobile: string;
  email: string;
  /** When it was first given to a door, in milliseconds of the clock. */
  requestedAt: number;
  /** What the system answered; from then on it answers for the notice. */
  answer: { id: string; trackingNumber: string; at: number } | null;
}

/** The views of one notice as its reader knows them. */
export interface ViewEntry {
  attempts: number;
  firstAttemptAt: number;
  /** Pages that were shown. */
  shown: number;
  /** When the first page had been shown. */
  firstShownAt: number | null;
}

/** A permit as its owner knows it, and what whoever used it was answered. */
export interface PermitEntry {
  permitId: string;
  noticeId: string;
  /** The first instant at which it must not open anything. */
  expiresAt: number;
  uses: { requestedAt: number; status: number }[];
}

/** Somebody who logs in, as they know it. */
export interface LoginEntry {
  nationalId: string;
  mobile: string;
  /** Whether they were told that a code is on its way. */
  acknowledged: boolean;
  /** How often their code let somebody in. */
  signIns: number;
}

/** What the world outside knows: kept by the rig, never by the system. */
export interface Ledger {
  readonly notices: Map<string, NoticeEntry>;
  readonly views: Map<string, ViewEntry>;
  readonly permits: PermitEntry[];
  readonly logins: LoginEntry[];
  /** The feed as it was followed while everything happened. */
  readonly feed: FeedEvent[];
  /** What was wrong already while it happened. */
  readonly violations: string[];
  recordRequest(entry: Omit<NoticeEntry, 'requestedAt' | 'answer'>): NoticeEntry;
  acknowledge(reference: string, answer: { id: string; trackingNumber: string }): void;
  acknowledged(): AcknowledgedNotice[];
}

export type AcknowledgedNotice = NoticeEntry & { answer: NonNullable<NoticeEntry['answer']> };

export function createLedger(): Ledger {
  const notices = new Map<string, NoticeEntry>();
  const complaints: string[] = [];
  return {
    notices,
    views: new Map(),
    permits: [],
    logins: [],
    feed: [],
    violations: complaints,
    recordRequest(given) {
      const entry = { ...given, requestedAt: Date.now(), answer: null };
      notices.set(entry.reference, entry);
      return entry;
    },
    acknowledge(reference, { id, trackingNumber }) {
      const entry = notices.get(reference);
      if (!entry) throw new Error(`${reference} was never asked for`);
      if (entry.answer && entry.answer.id !== id) complaints.push(`${reference} was answered with two ids`);
      entry.answer ??= { id, trackingNumber, at: Date.now() };
    },
    acknowledged: () => [...notices.values()].filter((entry): entry is AcknowledgedNotice => !!entry.answer),
  };
}
