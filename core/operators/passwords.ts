import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { limitConcurrency } from './limit-concurrency';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** As OWASP asks of scrypt: 64 MB and some 200 ms for one guess. */
const SCRYPT_COST = { N: 2 ** 16, r: 8, p: 1 };
const MAX_SCRYPT_BYTES = 128 * 2 ** 20;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/**
 * Two of the four threads Node has for such work, and 128 MB, however many sign in: names are looked up and
 * files are read on those threads as well. Nobody waits longer than some two seconds.
 */
const runLimited = limitConcurrency({ running: 2, waiting: 16 });

/** Without those that look alike. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const PASSWORD_CHARS = 20;

/** A password nobody can guess: 100 random bits, in groups of five that can be read out. */
export function generatePassword(): string {
  const letters = Array.from(
    { length: PASSWORD_CHARS },
    () => PASSWORD_ALPHABET[randomInt(PASSWORD_ALPHABET.length)],
  ).join('');
  return letters.replace(/.{5}(?=.)/g, '$&-');
}

/** The form in which a password is kept: `scrypt$N$r$p$salt$key`, both base64url. */
const encodeHash = (salt: Buffer, key: Buffer): string =>
  [
    'scrypt',
    SCRYPT_COST.N,
    SCRYPT_COST.r,
    SCRYPT_COST.p,
    salt.toString('base64url'),
    key.toString('base64url'),
  ].join('$');

/** What a password is compared against when nobody has the name, so that the answer takes as long. */
export const DUMMY_HASH = encodeHash(Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await runLimited(() =>
    derive(password, salt, KEY_BYTES, { ...SCRYPT_COST, maxmem: MAX_SCRYPT_BYTES }),
  );
  return encodeHash(salt, key);
}

/**
 * Whether a password is the one that was hashed. Takes as long for a wrong one as for the right one.
 *
 * @throws Refusal `rate_limited` while too many passwords are being looked at
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', expected = ''] = hash.split('$');
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: MAX_SCRYPT_BYTES };
  const key = await runLimited(() => derive(password, Buffer.from(salt, 'base64url'), KEY_BYTES, options));
  return timingSafeEqual(key, Buffer.from(expected, 'base64url'));
}
