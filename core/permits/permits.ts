import { createEvents } from '../events/events';
import type { Database, Queryable } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { Refusal } from '../platform/errors';
import { enqueueSql } from '../platform/outbox';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';
import { isUuid } from '../text/uuid';
import { createPasscodes } from './passcodes';
import { type PermitDuration, permitEnd } from './permit-durations';
import { createPermitExpiry } from './permit-expiry';

export interface IssuedPermit {
  permitId: string;
  /** Ten ASCII digits. Only the owner of the notice may see them: they belong in no log, URL or table. */
  passcode: string;
  /** The first instant at which the permit does not hold. */
  expiresAt: Date;
}

interface Ownership {
  noticeId: string;
  /** The employer that must own the notice. */
  employerId: string;
}

interface OwnedNotice {
  sourceId: number;
  nationalId: string;
  /** The time of the transaction, on PostgreSQL's clock. */
  now: Date;
}

/** Inquiry permits. A notice has at most one active permit, however many requests arrive at the same time. */
export function createPermits(db: Database, secretKeys: SecretKeys) {
  const passcodes = createPasscodes(secretKeys);

  return {
    /**
     * Issues a permit that holds from now to the end of its last day.
     *
     * @returns null when the employer does not own the notice
     * @throws Refusal `permit_exists` when the notice has an active permit
     */
    async issue({
      noticeId,
      employerId,
      duration,
    }: Ownership & { duration: PermitDuration }): Promise<IssuedPermit | null> {
      if (!isUuid(noticeId)) return null;
      return db.transaction(async (trx) => {
        const [notice] = await trx.query(READ_OWNED_NOTICE, { noticeId, employerId });
        if (!notice) return null;
        // A permit that is over but not yet marked as expired must not block the new one.
        await createPermitExpiry(trx).expireForNotice(noticeId);
        for (;;) {
          const issued = await insertPermit(trx, passcodes, { ...notice, noticeId, employerId, duration });
          if (issued) return issued;
          if (await hasActivePermit(trx, noticeId)) {
            throw new Refusal('permit_exists', 'This notice has a permit already.');
          }
        }
      });
    },

    /** Ends the permit of a notice at once. Returns false when the employer does not own the notice, or no permit holds. */
    async revoke({ noticeId, employerId }: Ownership): Promise<boolean> {
      if (!isUuid(noticeId)) return false;
      return db.transaction(async (trx) => {
        const [revoked] = await trx.query(REVOKE_PERMIT, { noticeId, employerId });
        if (!revoked) return false;
        await recordEvent(trx, { ...revoked, noticeId }, 'permit.revoked', { permitId: revoked.id });
        return true;
      });
    },

    /**
     * Decrypts the passcode of an active permit, to be shown to its owner.
     *
     * @throws Error when the cipher was made with an unknown key, or was changed
     */
    decryptPasscode: (cipher: Buffer): string => passcodes.decrypt(cipher),
  };
}

/** Returns null when the notice has an active permit already, or the employer once had this passcode. */
async function insertPermit(
  trx: Queryable,
  passcodes: ReturnType<typeof createPasscodes>,
  request: Ownership & OwnedNotice & { duration: PermitDuration },
): Promise<IssuedPermit | null> {
  const { noticeId, employerId, sourceId, nationalId, duration } = request;
  const passcode = passcodes.generate();
  const expiresAt = permitEnd(request.now, duration);
  const [permit] = await trx.query(INSERT_PERMIT, {
    noticeId,
    sourceId,
    employerId,
    duration,
    passcodeHash: passcodes.hash(nationalId, passcode),
    passcodeCipher: passcodes.encrypt(passcode),
    expiresAt,
    trace: currentTraceParent(),
  });
  if (!permit) return null;
  const data = { duration, expiresAt: expiresAt.toISOString(), permitId: permit.id };
  await recordEvent(trx, request, 'permit.issued', data);
  return { permitId: permit.id, passcode, expiresAt };
}

const READ_OWNED_NOTICE = statement<OwnedNotice>(
  'read-notice-to-permit',
  `SELECT n.source_id AS "sourceId", e.national_id AS "nationalId", now() AS now
     FROM notices n JOIN employers e ON e.id = n.employer_id
    WHERE n.id = :noticeId AND n.employer_id = :employerId`,
  { sourceId: 'int4', nationalId: 'text', now: 'timestamptz' },
);

const INSERT_PERMIT = statement<{ id: string }>(
  'insert-permit',
  `WITH permit AS (
     INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
     VALUES (:noticeId, :sourceId, :employerId, :duration, :passcodeHash, :passcodeCipher, :expiresAt)
     ON CONFLICT DO NOTHING RETURNING id, expires_at),
   work AS (
     ${enqueueSql({ queue: "'permits'", subjectIds: 'ARRAY[id]', runAt: 'expires_at', from: 'permit' })})
   SELECT id FROM permit`,
  { id: 'int8' },
);

const REVOKE_PERMIT = statement<{ id: string; sourceId: number }>(
  'revoke-permit',
  `WITH permit AS (
     UPDATE permits SET state = 'revoked', ended_at = now(), passcode_cipher = NULL
      WHERE notice_id = :noticeId AND employer_id = :employerId AND state = 'active' AND expires_at > now()
     RETURNING id, source_id),
   work AS (
     DELETE FROM outbox o USING permit WHERE o.queue = 'permits' AND o.subject_ids[1] = permit.id)
   SELECT id, source_id AS "sourceId" FROM permit`,
  { id: 'int8', sourceId: 'int4' },
);

async function hasActivePermit(trx: Queryable, noticeId: string): Promise<boolean> {
  const rows = await trx.query(`SELECT 1 FROM permits WHERE notice_id = $1 AND state = 'active'`, [noticeId]);
  return rows.length > 0;
}

const recordEvent = (
  trx: Queryable,
  { sourceId, noticeId }: { sourceId: number; noticeId: string },
  type: 'permit.issued' | 'permit.revoked',
  data: Record<string, string>,
) => createEvents(trx).append([{ sourceId, noticeId, type, actor: 'employer', data }]);
