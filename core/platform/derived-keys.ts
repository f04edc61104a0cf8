import { hkdfSync } from 'node:crypto';
import type { Config } from './config';

/**
 * `SECRET_KEY`, and after it `SECRET_KEY_PREVIOUS` while the key is being changed. The first key makes everything new; whatever any
 * of the keys made is accepted. A single text is a key without a predecessor.
 */
export type SecretKeys = string | readonly [string, ...string[]];

export const secretKeysOf = ({
  SECRET_KEY,
  SECRET_KEY_PREVIOUS,
}: Pick<Config<'SECRET_KEY'>, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS'>): SecretKeys =>
  SECRET_KEY_PREVIOUS ? [SECRET_KEY, SECRET_KEY_PREVIOUS] : SECRET_KEY;

/**
 * Derives a key of 32 bytes for one purpose from `SECRET_KEY` with HKDF-SHA256. Keys of different purposes reveal nothing about each
 * other; the same purpose always gives the same key.
 *
 * @param purpose a constant of the code, such as `callbacks`; changing it changes the key
 */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', `ablagh ${purpose}`, 32));
}

/** Derives a key for one purpose from each secret key, in their order. */
export function deriveKeys(secretKeys: SecretKeys, purpose: string): [Buffer, ...Buffer[]] {
  const [first, ...others] = typeof secretKeys === 'string' ? ([secretKeys] as const) : secretKeys;
  return [deriveKey(first, purpose), ...others.map((key) => deriveKey(key, purpose))];
}

/** Returns the secret part of the callback address, which only the provider knows: 43 characters that need no escaping in a URL. */
export const callbackSecret = (secretKey: string): string =>
  deriveKey(secretKey, 'callbacks').toString('base64url');

/** Returns every secret part of a callback address that is still accepted, the current one first. */
export const callbackSecrets = (secretKeys: SecretKeys): string[] =>
  deriveKeys(secretKeys, 'callbacks').map((key) => key.toString('base64url'));

/** Returns the address to enter at Kavenegar for delivery reports. */
export const kavenegarCallbackUrl = (publicUrl: string, secretKey: string): string =>
  `${publicUrl}/callbacks/kavenegar/${callbackSecret(secretKey)}`;
