import { createCipheriv, createDecipheriv, createHmac, randomBytes, randomInt } from 'node:crypto';
import { deriveKey } from '../platform/derived-keys';

const DIGITS = 10;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** How passcodes are made and kept: hashed for the look-up, encrypted for their owner, in the clear nowhere. */
export function createPasscodes(secretKey: string) {
  const lookUpKey = deriveKey(secretKey, 'passcode look-up');
  const displayKey = deriveKey(secretKey, 'passcode display');
  return {
    /** Ten digits nobody can guess. */
    draw: (): string => String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0'),

    /** What a passcode of one employer is found by; of another employer the same digits look different. */
    hash: (nationalId: string, passcode: string): Buffer =>
      createHmac('sha256', lookUpKey).update(`${nationalId} ${passcode}`).digest(),

    encrypt(passcode: string): Buffer {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', displayKey, iv);
      return Buffer.concat([iv, cipher.update(passcode, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },

    /** @throws Error when it was not encrypted with this key, or was changed */
    decrypt(sealed: Buffer): string {
      const tagAt = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', displayKey, sealed.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(sealed.subarray(tagAt));
      return decipher.update(sealed.subarray(IV_BYTES, tagAt), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}
