import type { Queryable } from '../platform/database';
import type { SecretKeys } from '../platform/derived-keys';
import { AblaghError } from '../platform/errors';
import { statement } from '../platform/statement';
import { createPasscodes } from './passcodes';

const BATCH_ROWS = 500;

interface StoredPasscode {
  id: string;
  nationalId: string;
  hash: Buffer;
  /** Null only for permits that ended: a CHECK of the table keeps it for active ones. */
  cipher: Buffer | null;
}

interface RenewedPasscode {
  id: string;
  formerHash: Buffer;
  hash: Buffer;
  cipher: Buffer;
}

/**
 * Hashes and encrypts the passcodes of active permits with the first of the secret keys, so that the other keys can be
 * removed. Running it twice, or while permits are issued and used, is safe.
 *
 * @returns how many passcodes were under another key
 * @throws AblaghError `unknown_secret_key` for a passcode that none of the keys decrypts
 */
export async function renewPasscodes(db: Queryable, secretKeys: SecretKeys): Promise<number> {
  const passcodes = createPasscodes(secretKeys);
  let renewed = 0;
  for (let lastId = '0'; ; ) {
    const stored = await db.query(READ_ACTIVE_PASSCODES, { lastId, limit: BATCH_ROWS });
    renewed += await updatePasscodes(
      db,
      stored.flatMap((passcode) => renew(passcodes, passcode)),
    );
    if (stored.length < BATCH_ROWS) return renewed;
    lastId = (stored.at(-1) as StoredPasscode).id;
  }
}

/** Returns nothing for a passcode that is under the first key already. */
function renew(
  passcodes: ReturnType<typeof createPasscodes>,
  { id, nationalId, hash: formerHash, cipher }: StoredPasscode,
): RenewedPasscode[] {
  if (!cipher) return [];
  const passcode = decryptOrThrow(passcodes, cipher);
  const hash = passcodes.hash(nationalId, passcode);
  return hash.equals(formerHash) ? [] : [{ id, formerHash, hash, cipher: passcodes.encrypt(passcode) }];
}

function decryptOrThrow(passcodes: ReturnType<typeof createPasscodes>, cipher: Buffer): string {
  try {
    return passcodes.decrypt(cipher);
  } catch (error) {
    const message = 'A passcode was made with neither SECRET_KEY nor SECRET_KEY_PREVIOUS.';
    throw new AblaghError('unknown_secret_key', message, { cause: error });
  }
}

/** Skips permits that ended meanwhile and passcodes that another process renewed. Returns how many rows changed. */
async function updatePasscodes(db: Queryable, renewed: RenewedPasscode[]): Promise<number> {
  if (renewed.length === 0) return 0;
  const rows = await db.query(UPDATE_PASSCODES, {
    ids: renewed.map(({ id }) => id),
    formerHashes: renewed.map(({ formerHash }) => formerHash),
    hashes: renewed.map(({ hash }) => hash),
    ciphers: renewed.map(({ cipher }) => cipher),
  });
  return rows.length;
}

const READ_ACTIVE_PASSCODES = statement<StoredPasscode>(
  'read-active-passcodes',
  `SELECT p.id, e.national_id AS "nationalId", p.passcode_hash AS hash, p.passcode_cipher AS cipher
     FROM permits p JOIN employers e ON e.id = p.employer_id
    WHERE p.state = 'active' AND p.id > :lastId ORDER BY p.id LIMIT :limit`,
  { id: 'int8', nationalId: 'text', hash: 'bytea', cipher: 'bytea?' },
);

const UPDATE_PASSCODES = statement(
  'update-passcodes',
  `UPDATE permits p SET passcode_hash = new.hash, passcode_cipher = new.cipher
     FROM unnest(:ids::bigint[], :formerHashes::bytea[], :hashes::bytea[], :ciphers::bytea[])
          new(id, former_hash, hash, cipher)
    WHERE p.id = new.id AND p.passcode_hash = new.former_hash AND p.state = 'active' RETURNING 1`,
  {},
);
