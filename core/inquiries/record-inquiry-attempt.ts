import { createEvents } from '../events/events';
import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';

/** An inquiry in the normalised form in which it is looked up and recorded. */
export interface InquiryAttempt {
  inquiryId: string;
  /** Null when the typed text is not a national ID. */
  nationalId: string | null;
  bodyName: string;
  address: string;
  addressGroup: string;
  actor: string;
}

/** The source of events that are about no notice. No source system has this id, so such events are in no feed. */
const NO_SOURCE_ID = 0;

/**
 * Records an inquiry attempt. An attempt with the passcode of a permit, also of a permit that is over, is in the history of the
 * permit's notice as well.
 */
export async function recordInquiryAttempt(
  trx: Queryable,
  attempt: InquiryAttempt,
  outcome: 'answered' | 'no_permit' | 'locked_out',
  permit: { id: string; noticeId: string; sourceId: number } | null,
): Promise<void> {
  await trx.query(INSERT_INQUIRY, { ...attempt, outcome, permitId: permit?.id ?? null });
  const { inquiryId, bodyName, actor } = attempt;
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

const INSERT_INQUIRY = statement(
  'insert-inquiry',
  `INSERT INTO inquiries (id, national_id, body_name, address, address_group, actor, outcome, permit_id)
   VALUES (:inquiryId, :nationalId, :bodyName, :address, :addressGroup, :actor, :outcome, :permitId)`,
  {},
);
