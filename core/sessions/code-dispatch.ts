import type { Queryable } from '../platform/database';
import { statement } from '../platform/statement';
import { RESEND_SECONDS } from './code-limits';

/** A code claimed by a worker, on its way to a mobile. */
export interface ClaimedCode {
  id: string;
  outboxId: string;
  nationalId: string;
  mobile: string;
  localId: string;
  sealed: Buffer;
}

export interface SettledCode extends Pick<ClaimedCode, 'id' | 'outboxId'> {
  /** The provider's id of the SMS; null if the provider refused it, or the outcome is unknown. */
  providerMessageId: string | null;
}

/** A claimed row by its columns' types. The claim sets or requires each column that may be null, so that none is. */
interface ClaimedRow extends Pick<ClaimedCode, 'id' | 'outboxId' | 'nationalId'> {
  mobile: string | null;
  localId: string | null;
  sealed: Buffer | null;
}

const CLAIM_LOGIN_CODES = statement<ClaimedRow>(
  'claim-login-codes',
  `UPDATE login_codes c SET local_id = nextval('attempt_ids'), mobile = e.mobile
     FROM outbox o, employers e
    WHERE o.id = ANY(:outboxIds::bigint[]) AND o.queue = 'login-codes' AND c.id = o.subject_ids[1]
      AND e.national_id = c.national_id AND e.mobile IS NOT NULL
      AND c.local_id IS NULL AND c.code_cipher IS NOT NULL AND c.ended_at IS NULL AND c.expires_at > now()
   RETURNING c.id, o.id AS "outboxId", c.national_id AS "nationalId", c.mobile, c.local_id AS "localId",
             c.code_cipher AS sealed`,
  { id: 'int8', outboxId: 'int8', nationalId: 'text', mobile: 'text?', localId: 'int8?', sealed: 'bytea?' },
);

const FILTER_LOGIN_CODES = statement<{ providerMessageId: string }>(
  'filter-login-codes',
  `SELECT given.id AS "providerMessageId" FROM unnest(:providerMessageIds::text[]) given(id)
    WHERE EXISTS (SELECT FROM login_codes WHERE provider_message_id = given.id)`,
  { providerMessageId: 'text' },
);

const UNCLAIM_LOGIN_CODES = statement(
  'unclaim-login-codes',
  `WITH unclaimed AS (
     UPDATE login_codes c SET local_id = NULL FROM unnest(:ids::bigint[], :localIds::bigint[]) claim(id, local_id)
      WHERE c.id = claim.id AND c.local_id = claim.local_id)
   UPDATE outbox SET relay_at = now() + make_interval(secs => :seconds) WHERE id = ANY(:outboxIds::bigint[])`,
  {},
);

/**
 * Takes login codes from the outbox to the provider. A code is claimed, and the claim committed, before a byte leaves. A code
 * whose worker died is not sent by another one, because its holder can request a new one after RESEND_SECONDS anyway.
 */
export function createCodeDispatch(db: Queryable) {
  return {
    /** Claims the codes of the set that are still valid and whose national ID has a mobile in the register. */
    async claim(outboxIds: string[]): Promise<ClaimedCode[]> {
      return (await db.query(CLAIM_LOGIN_CODES, { outboxIds })).filter(isComplete);
    },

    /** Erases codes that were sent or never will be, together with their outbox rows; the codes' hashes stay. */
    async settle(codes: SettledCode[]): Promise<void> {
      await db.query(
        `WITH settled AS (
           UPDATE login_codes c SET code_cipher = NULL, provider_message_id = s.provider_message_id
             FROM unnest($1::bigint[], $2::text[]) s(id, provider_message_id) WHERE c.id = s.id)
         DELETE FROM outbox WHERE id = ANY($3::bigint[])`,
        [
          codes.map(({ id }) => id),
          codes.map(({ providerMessageId }) => providerMessageId),
          codes.map(({ outboxId }) => outboxId),
        ],
      );
    },

    /** Returns which of a provider's messages are login codes. */
    async filterLoginCodes(providerMessageIds: string[]): Promise<string[]> {
      const rows = await db.query(FILTER_LOGIN_CODES, { providerMessageIds });
      return rows.map(({ providerMessageId }) => providerMessageId);
    },

    /** Releases the claims of codes that certainly did not leave; the relay publishes them again after `seconds`. */
    async unclaim(codes: Pick<ClaimedCode, 'id' | 'outboxId' | 'localId'>[], seconds: number): Promise<void> {
      await db.query(UNCLAIM_LOGIN_CODES, {
        ids: codes.map(({ id }) => id),
        localIds: codes.map(({ localId }) => localId),
        outboxIds: codes.map(({ outboxId }) => outboxId),
        seconds,
      });
    },

    /**
     * Drops the codes of the set that cannot be sent: used or expired ones, those without a mobile to go to, and those whose
     * worker died. A code that another worker is sending at this moment stays.
     */
    async dropUnsendable(outboxIds: string[]): Promise<void> {
      await db.query(
        `WITH unsendable AS (
           SELECT o.id AS outbox_id, c.id FROM outbox o LEFT JOIN login_codes c ON c.id = o.subject_ids[1]
            WHERE o.id = ANY($1::bigint[]) AND o.queue = 'login-codes'
              AND (c.id IS NULL OR c.code_cipher IS NULL OR c.ended_at IS NOT NULL OR c.expires_at <= now()
                   OR c.requested_at < now() - make_interval(secs => $2)
                   OR NOT EXISTS (SELECT FROM employers e
                                   WHERE e.national_id = c.national_id AND e.mobile IS NOT NULL))),
         emptied AS (UPDATE login_codes SET code_cipher = NULL WHERE id IN (SELECT id FROM unsendable))
         DELETE FROM outbox WHERE id IN (SELECT outbox_id FROM unsendable)`,
        [outboxIds, RESEND_SECONDS],
      );
    },
  };
}

const isComplete = (row: ClaimedRow): row is ClaimedCode =>
  row.mobile !== null && row.localId !== null && row.sealed !== null;
