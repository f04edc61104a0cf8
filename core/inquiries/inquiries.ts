import { createPasscodes } from '../permits/passcodes';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { answerInquiry, type Inquiry, type InquiryDependencies } from './answer-inquiry';
import type { InquirerNoticeView } from './inquirer-notice-view';
import { openAttachmentByPass } from './open-attachment-by-pass';
import { createPasses } from './passes';

export type { Inquiry } from './answer-inquiry';
export type { InquirerAttachment, InquirerNoticeView } from './inquirer-notice-view';

export interface InquiryOptions {
  /** Tells the owner by SMS of the first inquiry by each permit; null tells nobody. */
  ownerSms?: { suffix: string } | null;
  /** Milliseconds every refusal takes, so that none tells by its time what was wrong. */
  refusalMs?: number;
}

/** Longer than a look-up takes on a busy day. */
const REFUSAL_MS = 250;

/** What the configuration says of inquiries. */
export const inquiryOptions = (config: Pick<Config, 'INQUIRY_SMS' | 'SMS_SUFFIX'>): InquiryOptions => ({
  ownerSms: config.INQUIRY_SMS ? { suffix: config.SMS_SUFFIX } : null,
});

/**
 * Inquiries of government bodies: one notice for a national ID and the passcode of a permit, and nothing else
 * of the inbox.
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
     * Answers one try, and puts it on the record, right or wrong. Whether a permit holds is asked of the clock
     * of PostgreSQL, in the transaction that records the try.
     *
     * @throws Refusal `no_permit`, one text after one time whatever was wrong; `locked_out` after too many
     *   wrong tries, right ones included, with the seconds until it is over; `invalid_request` when the body's name is missing
     */
    answer: (inquiry: Inquiry): Promise<InquirerNoticeView> => answerInquiry(deps, inquiry),

    /**
     * What is needed to send an attachment of the notice a pass was given for, or null: for ten minutes, and no
     * longer than the permit holds.
     */
    openAttachment: (pass: string, attachmentId: string) =>
      openAttachmentByPass(db, passes, pass, attachmentId),
  };
}
