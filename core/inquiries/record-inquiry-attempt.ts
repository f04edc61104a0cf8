import { createEvents } from '../events/events';
import type { Queryable } from '../platform/database';

/** A try in the form it is looked up and recorded in. */
export interface InquiryAttempt {
  inquiryId: string;
  /** Null when what was typed is no national ID. */
  nationalId: string | null;
  bodyName: string;
  address: string;
  addressGroup: string;
  actor: string;
}

/** Whose feed an event is in that is about no notice: nobody's. */
const NO_SOURCE_ID = 0;

/**
 * Puts a try on the record. One with the passcode of a permit, even of one that is over, is in the history of
 * its notice.
 */
export async function recordInquiryAttempt(
  trx: Queryable,
  { inquiryId, nationalId, bodyName, address, addressGroup, actor }: InquiryAttempt,
  outcome: 'answered' | 'no_permit' | 'locked_out',
  permit: { id: string; noticeId: string; sourceId: number } | null,
): Promise<void> {
  await trx.query(
    `INSERT INTO inquiries (id, national_id, body_name, address, address_group, actor, outcome, permit_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [inquiryId, nationalId, bodyName, address, addressGroup, actor, outcome, permit?.id ?? null],
  );
  const answered = outcome === 'answered';
  await createEvents(trx).append([
    {
      sourceId: permit?.sourceId ?? NO_SOURCE_ID,
      noticeId: permit?.noticeId ?? null,
      type: answered ? 'inquiry.answered' : 'inquiry.refused',
      actor,
      data: {
        body: bodyName,
        inquiryId,
        ...(permit && { permitId: permit.id }),
        ...(!answered && { code: outcome }),
      },
    },
  ]);
}
