import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto';
import { deriveKey } from '../platform/derived-keys';
import { addressGroup } from '../text/address-group';

/** Whom a code was made for: it opens nothing for anybody else. */
export interface CodeOwner {
  nationalId: string;
  /** SHA-256 of the visitor's cookie. */
  visitorHash: Buffer;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Makes login codes, and keeps them so that the database alone neither shows nor confirms one. */
export function createCodeSecrets(secretKey: string) {
  const lookUpKey = deriveKey(secretKey, 'login code look-up');
  const cipherKey = deriveKey(secretKey, 'login code until sent');
  const addressKey = deriveKey(secretKey, 'login address');

  const hash = (code: string, { nationalId, visitorHash }: CodeOwner): Buffer =>
    createHmac('sha256', lookUpKey).update(visitorHash).update(`${nationalId} ${code}`).digest();

  return {
    /** Six digits, each code as likely as any other. */
    draw: (): string => String(randomInt(1_000_000)).padStart(6, '0'),
    hash,
    matches: (code: string, owner: CodeOwner, expected: Buffer): boolean =>
      timingSafeEqual(hash(code, owner), expected),

    seal(code: string): Buffer {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', cipherKey, iv);
      return Buffer.concat([iv, cipher.update(code), cipher.final(), cipher.getAuthTag()]);
    },

    /** @throws Error for what was not sealed with this key */
    open(sealed: Buffer): string {
      const decipher = createDecipheriv('aes-256-gcm', cipherKey, sealed.subarray(0, IV_BYTES));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return (
        decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    },

    /** Addresses are only ever compared, so they are not kept as they are. */
    hashAddress: (address: string): Buffer =>
      createHmac('sha256', addressKey).update(addressGroup(address)).digest(),
  };
}
