import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { limitConcurrency } from './limit-concurrency';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** OWASP's recommendation for scrypt: one guess costs 64 MB and some 200 ms. */
export const SCRYPT_COST: ScryptCost = { N: 2 ** 16, r: 8, p: 1 };
const MAX_SCRYPT_BYTES = 128 * 2 ** 20;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

/**
 * Limits hashing to 128 MB and two of Node's four pool threads, however many operators sign in: DNS look-ups and file
 * reads need those threads too. With sixteen in the queue the wait is some two seconds at most.
 */
const runLimited = limitConcurrency({ running: 2, waiting: 16 });

/** Letters and digits without those that look alike. */
const PASSWORD_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const PASSWORD_CHARS = 20;

/** Generates a password of 100 random bits, in groups of five characters that can be read out. */
export function generatePassword(): string {
  const letters = Array.from(
    { length: PASSWORD_CHARS },
    () => PASSWORD_ALPHABET[randomInt(PASSWORD_ALPHABET.length)],
  ).join('');
  return letters.replace(/.{5}(?=.)/g, '$&-');
}

/** Encodes a hash as `scrypt$N$r$p$salt$key`, the salt and the key in base64url. */
const encodeHash = ({ N, r, p }: ScryptCost, salt: Buffer, key: Buffer): string =>
  ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');

/** Returns the hash to compare for a name that does not exist, so that the answer takes as long as for one that does. */
export const dummyHash = (cost = SCRYPT_COST): string =>
  encodeHash(cost, Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

/** @throws Refusal `rate_limited` while too many passwords are being hashed or checked */
export async function hashPassword(password: string, cost = SCRYPT_COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await runLimited(() =>
    derive(password, salt, KEY_BYTES, { ...cost, maxmem: MAX_SCRYPT_BYTES }),
  );
  return encodeHash(cost, salt, key);
}

/**
 * Checks a password against a hash, in the same time whether it is right or wrong. The cost is the hash's own.
 *
 * @throws Refusal `rate_limited` while too many passwords are being checked
 */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, N, r, p, salt = '', expected = ''] = hash.split('$');
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: MAX_SCRYPT_BYTES };
  const key = await runLimited(() => derive(password, Buffer.from(salt, 'base64url'), KEY_BYTES, options));
  return timingSafeEqual(key, Buffer.from(expected, 'base64url'));
}
