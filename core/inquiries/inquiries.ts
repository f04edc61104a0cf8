import { createPasscodes } from '../permits/passcodes';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { answerInquiry, type Inquiry, type InquiryDependencies } from './answer-inquiry';
import type { InquirerNoticeView } from './inquirer-notice-view';
import { openAttachmentByPass } from './open-attachment-by-pass';
import { createPasses } from './passes';

export type { Inquiry } from './answer-inquiry';
export type { InquirerNoticeView } from './inquirer-notice-view';

export interface InquiryOptions {
  /** Informs the owner by SMS of the first inquiry with each permit; null sends no SMS. */
  ownerSms?: { suffix: string } | null;
  /** Milliseconds every refusal takes, so that its duration does not reveal the reason. */
  refusalMs?: number;
}

/** Longer than a look-up takes under load. */
const REFUSAL_MS = 250;

/** Reads the options of inquiries from the configuration. */
export const inquiryOptions = (config: Pick<Config, 'INQUIRY_SMS' | 'SMS_SUFFIX'>): InquiryOptions => ({
  ownerSms: config.INQUIRY_SMS ? { suffix: config.SMS_SUFFIX } : null,
});

/**
 * Inquiries of government bodies. A national ID and the passcode of a permit open that permit's notice, and nothing else of the
 * inbox.
 */
export function createInquiries(db: Database, secretKeys: SecretKeys, options: InquiryOptions = {}) {
  const { ownerSms = { suffix: '' }, refusalMs = REFUSAL_MS } = options;
  const passes = createPasses(secretKeys);
  const deps: InquiryDependencies = {
    db,
    passcodes: createPasscodes(secretKeys),
    passes,
    ownerSms,
    refusalMs,
  };
  return {
    /**
     * Answers one inquiry and records it, right or wrong. PostgreSQL's clock decides whether the permit holds, in the
     * transaction that records the inquiry.
     *
     * @throws Refusal `no_permit`, with the same text and duration whatever was wrong; `locked_out` after too many wrong attempts,
     *   also for correct data, with the seconds until the lock-out is over; `invalid_request` when the body's name is missing
     */
    answer: (inquiry: Inquiry): Promise<InquirerNoticeView> => answerInquiry(deps, inquiry),

    /**
     * Finds an attachment of the notice that a pass was made for. Returns null for a forged pass, ten minutes after the inquiry,
     * and once the permit no longer holds.
     */
    openAttachment: (pass: string, attachmentId: string) =>
      openAttachmentByPass(db, passes, pass, attachmentId),
  };
}
