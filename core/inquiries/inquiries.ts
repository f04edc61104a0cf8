import { createPasscodes } from '../permits/passcodes';
import type { Config } from '../platform/config';
import type { Database } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { type Inquiry, type InquiryDependencies, inquire } from './inquire';
import { openInquiredAttachment } from './inquired-attachment';
import type { InquiredNotice } from './inquired-notice';
import { createPasses } from './passes';

export type { Inquiry } from './inquire';
export type { InquiredAttachment, InquiredNotice } from './inquired-notice';

export interface InquiryOptions {
  /** Tells the owner by SMS of the first inquiry by each permit; null tells nobody. */
  ownerSms?: { suffix: string } | null;
  /** Milliseconds every refusal takes, so that none tells by its time what was wrong. */
  refusalTime?: number;
}

/** Longer than a look-up takes on a busy day. */
const REFUSAL_TIME = 250;

/** What the configuration says of inquiries. */
export const inquiryOptions = (config: Pick<Config, 'INQUIRY_SMS' | 'SMS_SUFFIX'>): InquiryOptions => ({
  ownerSms: config.INQUIRY_SMS ? { suffix: config.SMS_SUFFIX } : null,
});

/**
 * Inquiries of government bodies: one notice for a national ID and the passcode of a permit, and nothing else
 * of the inbox.
 */
export function createInquiries(db: Database, secretKeys: SecretKeys, options: InquiryOptions = {}) {
  const { ownerSms = { suffix: '' }, refusalTime = REFUSAL_TIME } = options;
  const passes = createPasses(secretKeys);
  const deps: InquiryDependencies = {
    db,
    passcodes: createPasscodes(secretKeys),
    passes,
    ownerSms,
    refusalTime,
  };
  return {
    /**
     * Answers one try, and puts it on the record, right or wrong. Whether a permit holds is asked of the clock
     * of PostgreSQL, in the transaction that records the try.
     *
     * @throws Refusal `no_permit`, one text after one time whatever was wrong; `locked_out` after too many
     *   wrong tries, right ones included, with the seconds until it is over; `invalid_request` when the body's name is missing
     */
    inquire: (inquiry: Inquiry): Promise<InquiredNotice> => inquire(deps, inquiry),

    /**
     * What is needed to send an attachment of the notice a pass was given for, or null: for ten minutes, and no
     * longer than the permit holds.
     */
    openInquiredAttachment: (pass: string, attachmentId: string) =>
      openInquiredAttachment(db, passes, pass, attachmentId),
  };
}
