import type { z } from 'zod';
import type { employerSchema } from '../core/employers/employer-schema';
import type { FeedEvent as StoredEvent } from '../core/events/events';
import type { Accepted, NoticeInput } from '../core/notices/notice-schema';
import type { senderNoticeViewSchema } from '../core/notices/sender-notice-view';
import type { FieldFault } from '../core/platform/errors';

/** A notice as a system writes it: the body of `POST /v1/notices`, and what the queue carries as text. */
export type Notice = NoticeInput;

/** The body of `PUT /v1/employers/{nationalId}`. */
export type Employer = z.input<typeof employerSchema>;

/** A notice as its sender sees it: the answer of `GET /v1/notices/{id}`. */
export type NoticeReport = z.infer<typeof senderNoticeViewSchema>;

export type { Accepted, FieldFault };

/** The answer to one line of a batch. `line` counts the notices given to `sendBatch`, from 1. */
export type BatchAnswer = BatchAccepted | BatchRefused;

export type BatchAccepted = { line: number; status: number } & Omit<Accepted, 'state'>;

export interface BatchRefused {
  line: number;
  status: number;
  code: string;
  detail: string;
  errors?: FieldFault[];
}

/** An event of a notice of this system. `at` is RFC 3339, UTC. */
export type FeedEvent = Omit<StoredEvent, 'at'> & { at: string };

export interface FeedPage {
  /** Oldest first. */
  events: FeedEvent[];
  /** The cursor to go on from; the given one when there is nothing new. */
  next: string;
}

/** An event, and the cursor to go on from once it is processed. */
export type FollowedEvent = FeedEvent & {
  /**
   * A cursor for `after`; null is the beginning. Cursors lie between pages: for all but the last event of a page it is the start of
   * the page. A reader that starts again from it may see events of one page twice, and misses none.
   */
  cursor: string | null;
};
