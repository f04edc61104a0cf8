import type { Queryable } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { AblaghError } from '../platform/errors';
import { createPasscodes } from './passcodes';

const BATCH_ROWS = 500;

interface StoredPasscode {
  id: string;
  nationalId: string;
  hash: Buffer;
  cipher: Buffer;
}

/**
 * Puts the passcodes of living permits under the first of the secret keys, so that the others may go. Safe to run
 * twice, and beside everything else.
 *
 * @returns how many were under another key
 * @throws AblaghError `unknown_secret_key` for a passcode that none of the keys opens
 */
export async function renewPasscodes(db: Queryable, secretKeys: SecretKeys): Promise<number> {
  const passcodes = createPasscodes(secretKeys);
  let renewed = 0;
  for (let last = '0'; ; ) {
    const kept = await activePermitsAfter(db, last);
    const changed = kept.flatMap(({ id, nationalId, hash, cipher }) => {
      const passcode = decryptOrThrow(passcodes, cipher);
      const wanted = passcodes.hash(nationalId, passcode);
      return wanted.equals(hash)
        ? []
        : [{ id, was: hash, hash: wanted, cipher: passcodes.encrypt(passcode) }];
    });
    renewed += await updatePasscodes(db, changed);
    if (kept.length < BATCH_ROWS) return renewed;
    last = (kept.at(-1) as StoredPasscode).id;
  }
}

const activePermitsAfter = (db: Queryable, id: string): Promise<StoredPasscode[]> =>
  db.query<StoredPasscode & Record<string, unknown>>(
    `SELECT p.id, e.national_id AS "nationalId", p.passcode_hash AS hash, p.passcode_cipher AS cipher
       FROM permits p JOIN employers e ON e.id = p.employer_id
      WHERE p.state = 'active' AND p.id > $1 ORDER BY p.id LIMIT ${BATCH_ROWS}`,
    [id],
  );

function decryptOrThrow(passcodes: ReturnType<typeof createPasscodes>, cipher: Buffer): string {
  try {
    return passcodes.decrypt(cipher);
  } catch (error) {
    const message = 'A passcode was made with neither SECRET_KEY nor SECRET_KEY_PREVIOUS.';
    throw new AblaghError('unknown_secret_key', message, { cause: error });
  }
}

/** Leaves alone what has ended meanwhile, and what somebody else renewed. */
async function updatePasscodes(
  db: Queryable,
  changed: { id: string; was: Buffer; hash: Buffer; cipher: Buffer }[],
): Promise<number> {
  if (changed.length === 0) return 0;
  const rows = await db.query(
    `UPDATE permits p SET passcode_hash = new.hash, passcode_cipher = new.cipher
       FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[]) new(id, was, hash, cipher)
      WHERE p.id = new.id AND p.passcode_hash = new.was AND p.state = 'active' RETURNING 1`,
    [
      changed.map(({ id }) => id),
      changed.map(({ was }) => was),
      changed.map(({ hash }) => hash),
      changed.map(({ cipher }) => cipher),
    ],
  );
  return rows.length;
}
