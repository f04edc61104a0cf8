import type { FeedEvent } from '../../client';
import type { Lane } from '../../core/platform/queues';

export type DoorName = 'http' | 'batch' | 'queue';

/** One notice as its sender knows it. */
export interface NoticeEntry {
  reference: string;
  door: DoorName;
  priority: Lane;
  nationalId: string;
  /** The only addresses its alerts may reach. */
  mobile: string;
  email: string;
  /** The instant of the first request, in milliseconds of the clock. */
  requestedAt: number;
  /** The system's answer; from then on the system is responsible for the notice. */
  answer: { id: string; trackingNumber: string; at: number } | null;
}

/** The views of one notice as its reader knows them. */
export interface ViewEntry {
  attempts: number;
  firstAttemptAt: number;
  /** The number of pages that were shown. */
  shown: number;
  /** The instant at which the first page had been shown. */
  firstShownAt: number | null;
}

/** A permit as its owner knows it, and the answers to its uses. */
export interface PermitEntry {
  permitId: string;
  noticeId: string;
  /** The first instant at which the permit must not open the notice. */
  expiresAt: number;
  uses: { requestedAt: number; status: number }[];
}

/** A person who logs in, and the person's own record of it. */
export interface LoginEntry {
  nationalId: string;
  mobile: string;
  /** Whether the page announced a code. */
  acknowledged: boolean;
  /** How often the code let the person in. */
  signIns: number;
}

/** The record of the clients, kept by the rig and never by the system. */
export interface Ledger {
  readonly notices: Map<string, NoticeEntry>;
  readonly views: Map<string, ViewEntry>;
  readonly permits: PermitEntry[];
  readonly logins: LoginEntry[];
  /** The feed as a follower read it during the run. */
  readonly feed: FeedEvent[];
  /** The violations that were noticed during the run. */
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
