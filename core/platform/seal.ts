import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts short texts with AES-256-GCM, each with an initialisation vector of its own.
 *
 * @param keys 32 bytes each: the first key seals, and every key opens the texts it sealed
 */
export function createSeal(keys: readonly [Buffer, ...Buffer[]]) {
  const openWith = (key: Buffer, sealed: Buffer): string => {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  };
  return {
    seal(text: string): Buffer {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, keys[0], iv);
      return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },

    /** @throws Error when none of the keys sealed the text, or the sealed bytes were changed */
    open(sealed: Buffer): string {
      let failure: unknown;
      for (const key of keys) {
        try {
          return openWith(key, sealed);
        } catch (error) {
          failure = error;
        }
      }
      throw new Error('none of the keys opens this', { cause: failure });
    },
  };
}
