import { hkdfSync } from 'node:crypto';

/**
 * A key of 32 bytes for one purpose, derived from `SECRET_KEY` with HKDF-SHA256. Keys of different purposes
 * tell nothing about each other; the same purpose gives the same key for ever.
 *
 * @param purpose a constant of ours, such as `callbacks`; changing it changes the key
 */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', `ablagh ${purpose}`, 32));
}

/** The part of a callback address that providers know and nobody else: 43 characters that fit a URL. */
export const callbackSecret = (secretKey: string): string =>
  deriveKey(secretKey, 'callbacks').toString('base64url');

/** The address to enter at Kavenegar for delivery reports. */
export const kavenegarCallbackUrl = (publicUrl: string, secretKey: string): string =>
  `${publicUrl}/callbacks/kavenegar/${callbackSecret(secretKey)}`;
