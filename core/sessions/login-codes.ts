import type { Database, Queryable } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { currentTraceParent } from '../platform/tracing';
import { assertWithinLimits, RESEND_SECONDS } from './code-limits';
import { createCodeSecrets } from './code-secrets';
import { createSessions, hashToken } from './sessions';

/** Who asks: the cookie of the browser, and where it asks from. */
export interface CodeVisitor {
  token: string;
  address: string;
}

/** The code a visitor has to type now. */
export interface PendingCode {
  nationalId: string;
  triesLeft: number;
  /** Seconds. */
  expiresIn: number;
  /** Seconds until another one may be asked for; 0 when it may. */
  resendIn: number;
}

export type CheckedCode =
  /** The code was right: the token of the session that began with it. */
  | { outcome: 'right'; token: string }
  | { outcome: 'wrong'; triesLeft: number }
  /** There is no code to type: used, replaced, too old or tried too often. */
  | { outcome: 'over' };

export const CODE_TTL_SECONDS = 120;
export const MAX_CODE_TRIES = 5;

/** Classes of PostgreSQL's advisory locks. Always taken in this order, so that nobody waits in a circle. */
const ADDRESS_LOCK = 7_301;
const NATIONAL_ID_LOCK = 7_302;

/**
 * One-time codes of the login. The register is not looked at when one is asked for, so an ID nobody has is
 * answered exactly like one that somebody has; the worker that sends it finds out.
 */
export function createLoginCodes(db: Database, secretKeys: SecretKeys) {
  const secrets = createCodeSecrets(secretKeys);

  return {
    /**
     * Makes a code for the visitor and leaves its sending to the queue `login-codes`. It takes the place of
     * any other code for this ID, and of any other this visitor asked for.
     *
     * @param nationalId normalised, with its check digit
     * @returns `sent: false` when one was made less than `RESEND_SECONDS` ago, for whomever; then nothing changed
     * @throws Refusal `locked_out` when too many were asked for, for this ID or from this address
     */
    async request(
      nationalId: string,
      { token, address }: CodeVisitor,
    ): Promise<{ sent: boolean; resendIn: number }> {
      const visitorHash = hashToken(token);
      const addressHashes = secrets.hashAddress(address);
      const [addressHash] = addressHashes;
      return db.transaction(async (trx) => {
        await trx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
          ADDRESS_LOCK,
          addressHash.toString('hex'),
        ]);
        await trx.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [NATIONAL_ID_LOCK, nationalId]);
        const { resendIn } = await assertWithinLimits(trx, nationalId, addressHashes);
        if (resendIn > 0) return { sent: false, resendIn };
        await trx.query(
          `UPDATE login_codes SET ended_at = now(), code_cipher = NULL
            WHERE ended_at IS NULL AND (national_id = $1 OR visitor_hash = $2)`,
          [nationalId, visitorHash],
        );
        const code = secrets.generate();
        await trx.query(
          `WITH made AS (
             INSERT INTO login_codes (national_id, visitor_hash, address_hash, code_hash, code_cipher, expires_at)
             VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6)) RETURNING id)
           INSERT INTO outbox (queue, subject_ids, run_at, relay_at, trace)
           SELECT 'login-codes', ARRAY[id], now(), now(), $7 FROM made`,
          [
            nationalId,
            visitorHash,
            addressHash,
            secrets.hash(code, { nationalId, visitorHash }),
            secrets.seal(code),
            CODE_TTL_SECONDS,
            currentTraceParent(),
          ],
        );
        return { sent: true, resendIn: RESEND_SECONDS };
      });
    },

    /** The code this visitor has to type, or null when there is none any more. */
    async pending(token: string): Promise<PendingCode | null> {
      const [row] = await db.query<PendingCode>(
        `SELECT national_id AS "nationalId", $2 - wrong_tries AS "triesLeft",
                ceil(extract(epoch FROM expires_at - now()))::int AS "expiresIn",
                greatest(0, ceil($3 - extract(epoch FROM now() - requested_at)))::int AS "resendIn"
           FROM login_codes WHERE visitor_hash = $1 AND ended_at IS NULL AND expires_at > now()
          ORDER BY requested_at DESC LIMIT 1`,
        [hashToken(token), MAX_CODE_TRIES, RESEND_SECONDS],
      );
      return row ?? null;
    },

    /** Takes what a visitor typed. Every wrong try is committed; the right code works once. */
    async check(code: string, token: string): Promise<CheckedCode> {
      const visitorHash = hashToken(token);
      return db.transaction(async (trx) => {
        const [row] = await trx.query<OpenCode>(
          `SELECT id, national_id AS "nationalId", code_hash AS "codeHash", mobile
             FROM login_codes WHERE visitor_hash = $1 AND ended_at IS NULL AND expires_at > clock_timestamp()
            ORDER BY requested_at DESC LIMIT 1 FOR UPDATE`,
          [visitorHash],
        );
        if (!row) return { outcome: 'over' };
        const isRight = secrets.matches(code, { nationalId: row.nationalId, visitorHash }, row.codeHash);
        const employerId = isRight ? await findHolder(trx, row) : null;
        if (!employerId || !row.mobile) return countWrongTry(trx, row.id);
        await trx.query('UPDATE login_codes SET ended_at = now(), code_cipher = NULL WHERE id = $1', [
          row.id,
        ]);
        const session = await createSessions(trx).start({ employerId, mobile: row.mobile });
        return { outcome: 'right', token: session };
      });
    },

    /** Forgets codes that count for no limit any more. */
    async purgeOld(): Promise<void> {
      await db.query(`DELETE FROM login_codes WHERE requested_at < now() - interval '2 days'`);
    },
  };
}

interface OpenCode {
  id: string;
  nationalId: string;
  codeHash: Buffer;
  /** Where it was sent; null when it was not. */
  mobile: string | null;
}

/** The employer the code was sent to, as long as the register still says so. */
async function findHolder(trx: Queryable, { nationalId, mobile }: OpenCode): Promise<string | null> {
  const [row] = await trx.query<{ id: string }>(
    'SELECT id FROM employers WHERE national_id = $1 AND mobile = $2',
    [nationalId, mobile],
  );
  return row?.id ?? null;
}

async function countWrongTry(trx: Queryable, id: string): Promise<CheckedCode> {
  const [row] = await trx.query<{ triesLeft: number }>(
    `UPDATE login_codes
        SET wrong_tries = wrong_tries + 1,
            ended_at = CASE WHEN wrong_tries + 1 >= $2 THEN now() END,
            code_cipher = CASE WHEN wrong_tries + 1 >= $2 THEN NULL ELSE code_cipher END
      WHERE id = $1 RETURNING $2 - wrong_tries AS "triesLeft"`,
    [id, MAX_CODE_TRIES],
  );
  return { outcome: 'wrong', triesLeft: row?.triesLeft ?? 0 };
}
