import { createEvents } from '../events/events';
import type { Database, Queryable } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { Refusal } from '../platform/errors';
import { RELAY_HORIZON } from '../platform/outbox';
import { isUuid } from '../text/uuid';
import { createPasscodes } from './passcodes';
import { type PermitDuration, permitEnd } from './permit-durations';
import { createPermitExpiry } from './permit-expiry';

export interface IssuedPermit {
  permitId: string;
  /** Ten ASCII digits, to be shown to the owner and put nowhere else. */
  passcode: string;
  /** The first instant at which the permit does not hold. */
  expiresAt: Date;
}

interface Ownership {
  noticeId: string;
  /** Whose notice it has to be. */
  employerId: string;
}

interface OwnedNotice {
  sourceId: number;
  nationalId: string;
  now: Date;
}

/** Inquiry permits. At most one lives for each notice, whatever is clicked at the same time. */
export function createPermits(db: Database, secretKeys: SecretKeys) {
  const passcodes = createPasscodes(secretKeys);

  /** Null when somebody else's permit for the notice came first, or the passcode was taken. */
  async function insert(
    trx: Queryable,
    { noticeId, employerId }: Ownership,
    notice: OwnedNotice,
    duration: PermitDuration,
  ): Promise<IssuedPermit | null> {
    const passcode = passcodes.generate();
    const expiresAt = permitEnd(notice.now, duration);
    const [row] = await trx.query<{ id: string }>(
      `WITH permit AS (
         INSERT INTO permits (notice_id, source_id, employer_id, duration, passcode_hash, passcode_cipher, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id, expires_at),
       work AS (
         INSERT INTO outbox (queue, subject_ids, run_at, relay_at)
         SELECT 'permits', ARRAY[id], expires_at, expires_at - $8::interval FROM permit)
       SELECT id FROM permit`,
      [
        noticeId,
        notice.sourceId,
        employerId,
        duration,
        passcodes.hash(notice.nationalId, passcode),
        passcodes.encrypt(passcode),
        expiresAt,
        RELAY_HORIZON,
      ],
    );
    return row ? { permitId: row.id, passcode, expiresAt } : null;
  }

  return {
    /**
     * Issues a permit, from now to the end of its last day.
     *
     * @returns null when the notice is not the employer's
     * @throws Refusal `permit_exists` when one lives already
     */
    async issue({
      noticeId,
      employerId,
      duration,
    }: Ownership & { duration: PermitDuration }): Promise<IssuedPermit | null> {
      if (!isUuid(noticeId)) return null;
      return db.transaction(async (trx) => {
        const notice = await ownedNotice(trx, { noticeId, employerId });
        if (!notice) return null;
        // One that is over, and that nobody has tidied up yet, must not stand in the way.
        await createPermitExpiry(trx).expireForNotice(noticeId);
        for (;;) {
          const issued = await insert(trx, { noticeId, employerId }, notice, duration);
          if (issued) {
            const { permitId, expiresAt } = issued;
            const data = { duration, expiresAt: expiresAt.toISOString(), permitId };
            await recordEvent(trx, notice.sourceId, noticeId, 'permit.issued', data);
            return issued;
          }
          if (await hasActivePermit(trx, noticeId)) {
            throw new Refusal('permit_exists', 'This notice has a permit already.');
          }
        }
      });
    },

    /** Ends the permit of a notice at once. False when the notice is not the employer's, or has no living permit. */
    async revoke({ noticeId, employerId }: Ownership): Promise<boolean> {
      if (!isUuid(noticeId)) return false;
      return db.transaction(async (trx) => {
        const [revoked] = await trx.query<{ id: string; sourceId: number }>(
          `WITH permit AS (
             UPDATE permits SET state = 'revoked', ended_at = now(), passcode_cipher = NULL
              WHERE notice_id = $1 AND employer_id = $2 AND state = 'active' AND expires_at > now()
             RETURNING id, source_id),
           work AS (
             DELETE FROM outbox o USING permit WHERE o.queue = 'permits' AND o.subject_ids[1] = permit.id)
           SELECT id, source_id AS "sourceId" FROM permit`,
          [noticeId, employerId],
        );
        if (!revoked) return false;
        await recordEvent(trx, revoked.sourceId, noticeId, 'permit.revoked', { permitId: revoked.id });
        return true;
      });
    },

    /** The passcode of a living permit, for its owner. @throws Error when the cipher is not one of ours */
    decryptPasscode: (cipher: Buffer): string => passcodes.decrypt(cipher),
  };
}

async function ownedNotice(
  trx: Queryable,
  { noticeId, employerId }: Ownership,
): Promise<OwnedNotice | undefined> {
  const [notice] = await trx.query<OwnedNotice & Record<string, unknown>>(
    `SELECT n.source_id AS "sourceId", e.national_id AS "nationalId", now() AS now
       FROM notices n JOIN employers e ON e.id = n.employer_id WHERE n.id = $1 AND n.employer_id = $2`,
    [noticeId, employerId],
  );
  return notice;
}

async function hasActivePermit(trx: Queryable, noticeId: string): Promise<boolean> {
  const rows = await trx.query(`SELECT 1 FROM permits WHERE notice_id = $1 AND state = 'active'`, [noticeId]);
  return rows.length > 0;
}

const recordEvent = (
  trx: Queryable,
  sourceId: number,
  noticeId: string,
  type: 'permit.issued' | 'permit.revoked',
  data: Record<string, string>,
) => createEvents(trx).append([{ sourceId, noticeId, type, actor: 'employer', data }]);
