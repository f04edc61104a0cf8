import { hkdfSync } from 'node:crypto';
import type { Config } from './config';

/**
 * `SECRET_KEY`, and behind it `SECRET_KEY_PREVIOUS` while one takes the place of the other: what is new is made
 * with the first, and what any of them made is taken. A single text is a key without a predecessor.
 */
export type SecretKeys = string | readonly [string, ...string[]];

export const secretKeysOf = ({
  SECRET_KEY,
  SECRET_KEY_PREVIOUS,
}: Pick<Config<'SECRET_KEY'>, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS'>): SecretKeys =>
  SECRET_KEY_PREVIOUS ? [SECRET_KEY, SECRET_KEY_PREVIOUS] : SECRET_KEY;

/**
 * A key of 32 bytes for one purpose, derived from `SECRET_KEY` with HKDF-SHA256. Keys of different purposes
 * tell nothing about each other; the same purpose gives the same key for ever.
 *
 * @param purpose a constant of ours, such as `callbacks`; changing it changes the key
 */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', `ablagh ${purpose}`, 32));
}

/** The same of each secret key, in their order. */
export function deriveKeys(secretKeys: SecretKeys, purpose: string): [Buffer, ...Buffer[]] {
  const [first, ...others] = typeof secretKeys === 'string' ? ([secretKeys] as const) : secretKeys;
  return [deriveKey(first, purpose), ...others.map((key) => deriveKey(key, purpose))];
}

/** The part of a callback address that providers know and nobody else: 43 characters that fit a URL. */
export const callbackSecret = (secretKey: string): string =>
  deriveKey(secretKey, 'callbacks').toString('base64url');

/** Every such part that is still taken. */
export const callbackSecrets = (secretKeys: SecretKeys): string[] =>
  deriveKeys(secretKeys, 'callbacks').map((key) => key.toString('base64url'));

/** The address to enter at Kavenegar for delivery reports. */
export const kavenegarCallbackUrl = (publicUrl: string, secretKey: string): string =>
  `${publicUrl}/callbacks/kavenegar/${callbackSecret(secretKey)}`;
