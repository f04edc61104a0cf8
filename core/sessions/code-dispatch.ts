import type { Queryable } from '../platform/database';
import { RESEND_SECONDS } from './code-limits';

/** A code on its way to a mobile. */
export interface ClaimedCode {
  id: string;
  outboxId: string;
  nationalId: string;
  mobile: string;
  localId: string;
  sealed: Buffer;
}

export interface SettledCode extends Pick<ClaimedCode, 'id' | 'outboxId'> {
  /** What the provider calls its SMS; null if it did not take it, or nobody knows. */
  providerMessageId: string | null;
}

/**
 * Login codes between the outbox and the provider. A code is claimed, and the claim committed, before a byte
 * leaves; one whose sender died is not sent by another, because its holder can ask for a new one after
 * RESEND_SECONDS anyway.
 */
export function createCodeDispatch(db: Queryable) {
  return {
    /** Claims those of the set that can still be typed and have somebody to go to. */
    async claim(outboxIds: string[]): Promise<ClaimedCode[]> {
      return db.query<ClaimedCode>(
        `UPDATE login_codes c SET local_id = nextval('attempt_ids'), mobile = e.mobile
           FROM outbox o, employers e
          WHERE o.id = ANY($1::bigint[]) AND o.queue = 'login-codes' AND c.id = o.subject_ids[1]
            AND e.national_id = c.national_id AND e.mobile IS NOT NULL
            AND c.local_id IS NULL AND c.code_cipher IS NOT NULL AND c.ended_at IS NULL AND c.expires_at > now()
         RETURNING c.id, o.id AS "outboxId", c.national_id AS "nationalId", c.mobile, c.local_id AS "localId",
                   c.code_cipher AS sealed`,
        [outboxIds],
      );
    },

    /** Forgets codes that have left or never will, with their outbox rows; their hashes stay. */
    async settle(codes: SettledCode[]): Promise<void> {
      await db.query(
        `WITH left_us AS (
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

    /** Those of a provider's messages that are login codes. */
    async filterLoginCodes(providerMessageIds: string[]): Promise<string[]> {
      const rows = await db.query<{ id: string }>(
        'SELECT provider_message_id AS id FROM login_codes WHERE provider_message_id = ANY($1)',
        [providerMessageIds],
      );
      return rows.map(({ id }) => id);
    },

    /** Gives a claim back: the code is certain not to have left, and is tried again after `seconds`. */
    async unclaim(codes: Pick<ClaimedCode, 'id' | 'outboxId' | 'localId'>[], seconds: number): Promise<void> {
      await db.query(
        `WITH unclaimed AS (
           UPDATE login_codes c SET local_id = NULL FROM unnest($1::bigint[], $2::bigint[]) claim(id, local_id)
            WHERE c.id = claim.id AND c.local_id = claim.local_id)
         UPDATE outbox SET relay_at = now() + make_interval(secs => $4) WHERE id = ANY($3::bigint[])`,
        [
          codes.map(({ id }) => id),
          codes.map(({ localId }) => localId),
          codes.map(({ outboxId }) => outboxId),
          seconds,
        ],
      );
    },

    /**
     * Drops what is left of the set and cannot be sent: codes nobody is there for, used or too old ones, and
     * those whose sender is not heard of. Who is sending one just now is left alone.
     */
    async dropUnsendable(outboxIds: string[]): Promise<void> {
      await db.query(
        `WITH idle AS (
           SELECT o.id AS outbox_id, c.id FROM outbox o LEFT JOIN login_codes c ON c.id = o.subject_ids[1]
            WHERE o.id = ANY($1::bigint[]) AND o.queue = 'login-codes'
              AND (c.id IS NULL OR c.code_cipher IS NULL OR c.ended_at IS NOT NULL OR c.expires_at <= now()
                   OR c.requested_at < now() - make_interval(secs => $2)
                   OR NOT EXISTS (SELECT FROM employers e
                                   WHERE e.national_id = c.national_id AND e.mobile IS NOT NULL))),
         emptied AS (UPDATE login_codes SET code_cipher = NULL WHERE id IN (SELECT id FROM idle))
         DELETE FROM outbox WHERE id IN (SELECT outbox_id FROM idle)`,
        [outboxIds, RESEND_SECONDS],
      );
    },
  };
}
