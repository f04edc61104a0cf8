import type { Database, Queryable } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { enqueueSql } from '../platform/outbox';
import { statement } from '../platform/statement';
import { currentTraceParent } from '../platform/tracing';
import { assertWithinLimits, RESEND_SECONDS } from './code-limits';
import { createCodeSecrets } from './code-secrets';
import { createSessions, hashToken } from './sessions';

/** The visitor who requests a code: the browser's cookie and the network address. */
export interface CodeVisitor {
  token: string;
  address: string;
}

/** The code a visitor has to enter now. */
export interface PendingCode {
  nationalId: string;
  triesLeft: number;
  /** Seconds. */
  expiresIn: number;
  /** Seconds until another code may be requested; 0 when it may be requested now. */
  resendIn: number;
}

export type CheckedCode =
  /** The code was right; `token` belongs to the session it started. */
  | { outcome: 'right'; token: string }
  | { outcome: 'wrong'; triesLeft: number }
  /** No code is open for this visitor: it was used, replaced or tried too often, or it expired. */
  | { outcome: 'over' };

export const CODE_TTL_SECONDS = 120;
export const MAX_CODE_TRIES = 5;

/** Classes of PostgreSQL's advisory locks. They are always taken in this order, so that no deadlock can arise. */
const ADDRESS_LOCK = 7_301;
const NATIONAL_ID_LOCK = 7_302;

const CREATE_LOGIN_CODE = statement(
  'create-login-code',
  `WITH created AS (
     INSERT INTO login_codes (national_id, visitor_hash, address_hash, code_hash, code_cipher, expires_at)
     VALUES (:nationalId, :visitorHash, :addressHash, :codeHash, :codeCipher, now() + make_interval(secs => :ttlSeconds))
     RETURNING id)
   ${enqueueSql({ queue: `'login-codes'`, subjectIds: 'ARRAY[id]', from: 'created' })}`,
  {},
);

const FIND_PENDING_CODE = statement<PendingCode>(
  'find-pending-code',
  `SELECT national_id AS "nationalId", :maxTries::int - wrong_tries AS "triesLeft",
          ceil(extract(epoch FROM expires_at - now()))::int AS "expiresIn",
          greatest(0, ceil(:resendSeconds::int - extract(epoch FROM now() - requested_at)))::int AS "resendIn"
     FROM login_codes WHERE visitor_hash = :visitorHash AND ended_at IS NULL AND expires_at > now()
    ORDER BY requested_at DESC LIMIT 1`,
  { nationalId: 'text', triesLeft: 'int4', expiresIn: 'int4', resendIn: 'int4' },
);

interface OpenCode {
  id: string;
  nationalId: string;
  codeHash: Buffer;
  /** The mobile it was sent to; null when it was not sent. */
  mobile: string | null;
}

const LOCK_OPEN_CODE = statement<OpenCode>(
  'lock-open-code',
  `SELECT id, national_id AS "nationalId", code_hash AS "codeHash", mobile
     FROM login_codes WHERE visitor_hash = :visitorHash AND ended_at IS NULL AND expires_at > clock_timestamp()
    ORDER BY requested_at DESC LIMIT 1 FOR UPDATE`,
  { id: 'int8', nationalId: 'text', codeHash: 'bytea', mobile: 'text?' },
);

const FIND_CODE_HOLDER = statement<{ id: string }>(
  'find-code-holder',
  'SELECT id FROM employers WHERE national_id = :nationalId AND mobile = :mobile',
  { id: 'int8' },
);

const COUNT_WRONG_CODE = statement<{ triesLeft: number }>(
  'count-wrong-code',
  `UPDATE login_codes
      SET wrong_tries = wrong_tries + 1,
          ended_at = CASE WHEN wrong_tries + 1 >= :maxTries::int THEN now() END,
          code_cipher = CASE WHEN wrong_tries + 1 >= :maxTries::int THEN NULL ELSE code_cipher END
    WHERE id = :id RETURNING :maxTries::int - wrong_tries AS "triesLeft"`,
  { triesLeft: 'int4' },
);

/**
 * One-time codes of the login. A request does not look at the register, so that an ID without an employer is answered exactly
 * like one with an employer; only the worker that sends the code finds out.
 */
export function createLoginCodes(db: Database, secretKeys: SecretKeys) {
  const secrets = createCodeSecrets(secretKeys);

  return {
    /**
     * Makes a code for the visitor and leaves its sending to the queue `login-codes`. The code replaces any other code for
     * this ID, and any other code of this visitor.
     *
     * @param nationalId normalised, with its check digit
     * @returns `sent: false` when a code for this ID was made less than `RESEND_SECONDS` ago, by any visitor; then nothing
     *   changed
     * @throws Refusal `locked_out` when too many codes were requested for this ID or from this address
     */
    async request(
      nationalId: string,
      { token, address }: CodeVisitor,
    ): Promise<{ sent: boolean; resendIn: number }> {
      const visitorHash = hashToken(token);
      const addressHashes = secrets.hashAddress(address);
      const [addressHash] = addressHashes;
      return db.transaction(async (trx) => {
        await lockRequests(trx, addressHash, nationalId);
        const { resendIn } = await assertWithinLimits(trx, nationalId, addressHashes);
        if (resendIn > 0) return { sent: false, resendIn };
        await trx.query(
          `UPDATE login_codes SET ended_at = now(), code_cipher = NULL
            WHERE ended_at IS NULL AND (national_id = $1 OR visitor_hash = $2)`,
          [nationalId, visitorHash],
        );
        const code = secrets.generate();
        await trx.query(CREATE_LOGIN_CODE, {
          nationalId,
          visitorHash,
          addressHash,
          codeHash: secrets.hash(code, { nationalId, visitorHash }),
          codeCipher: secrets.seal(code),
          ttlSeconds: CODE_TTL_SECONDS,
          trace: currentTraceParent(),
        });
        return { sent: true, resendIn: RESEND_SECONDS };
      });
    },

    /** Returns the code this visitor has to enter, or null when there is none any more. */
    async pending(token: string): Promise<PendingCode | null> {
      const [pending] = await db.query(FIND_PENDING_CODE, {
        visitorHash: hashToken(token),
        maxTries: MAX_CODE_TRIES,
        resendSeconds: RESEND_SECONDS,
      });
      return pending ?? null;
    },

    /** Checks the code a visitor entered. Every wrong try is committed; the right code works once. */
    async check(code: string, token: string): Promise<CheckedCode> {
      const visitorHash = hashToken(token);
      return db.transaction(async (trx) => {
        const [open] = await trx.query(LOCK_OPEN_CODE, { visitorHash });
        if (!open) return { outcome: 'over' };
        const isRight = secrets.matches(code, { nationalId: open.nationalId, visitorHash }, open.codeHash);
        const employerId = isRight ? await findHolder(trx, open) : null;
        if (!employerId || !open.mobile) return countWrongTry(trx, open.id);
        await trx.query('UPDATE login_codes SET ended_at = now(), code_cipher = NULL WHERE id = $1', [
          open.id,
        ]);
        const session = await createSessions(trx).start({ employerId, mobile: open.mobile });
        return { outcome: 'right', token: session };
      });
    },

    /** Removes codes that no limit counts any more. */
    async purgeOld(): Promise<void> {
      await db.query(`DELETE FROM login_codes WHERE requested_at < now() - interval '2 days'`);
    },
  };
}

/** Serialises requests from one address and for one national ID until the transaction ends. */
async function lockRequests(trx: Queryable, addressHash: Buffer, nationalId: string): Promise<void> {
  await trx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
    ADDRESS_LOCK,
    addressHash.toString('hex'),
  ]);
  await trx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [NATIONAL_ID_LOCK, nationalId]);
}

/** Returns the employer the code was sent to, if the register still has that mobile for the ID. */
async function findHolder(trx: Queryable, { nationalId, mobile }: OpenCode): Promise<string | null> {
  const [holder] = await trx.query(FIND_CODE_HOLDER, { nationalId, mobile });
  return holder?.id ?? null;
}

async function countWrongTry(trx: Queryable, id: string): Promise<CheckedCode> {
  const [counted] = await trx.query(COUNT_WRONG_CODE, { id, maxTries: MAX_CODE_TRIES });
  return { outcome: 'wrong', triesLeft: counted?.triesLeft ?? 0 };
}
