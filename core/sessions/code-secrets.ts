import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { deriveKeys, type SecretKeys } from '../platform/derived-keys';
import { createSeal } from '../platform/seal';
import { addressGroup } from '../text/address-group';

/** The owner of a code; for any other owner the code is wrong. */
export interface CodeOwner {
  nationalId: string;
  /** SHA-256 of the visitor's cookie. */
  visitorHash: Buffer;
}

/** Makes login codes, and protects them so that the database alone neither shows nor confirms one. */
export function createCodeSecrets(secretKeys: SecretKeys) {
  const lookUpKeys = deriveKeys(secretKeys, 'login code look-up');
  const codeSeal = createSeal(deriveKeys(secretKeys, 'login code until sent'));
  const addressKeys = deriveKeys(secretKeys, 'login address');

  const hashWith = (key: Buffer, code: string, { nationalId, visitorHash }: CodeOwner): Buffer =>
    createHmac('sha256', key).update(visitorHash).update(`${nationalId} ${code}`).digest();

  return {
    /** Generates six digits; every code is equally likely. */
    generate: (): string => String(randomInt(1_000_000)).padStart(6, '0'),

    hash: (code: string, owner: CodeOwner): Buffer => hashWith(lookUpKeys[0], code, owner),

    /** Checks a code against a stored hash. It tries every key, so that the time does not depend on the key in use. */
    matches: (code: string, owner: CodeOwner, expected: Buffer): boolean =>
      lookUpKeys.map((key) => timingSafeEqual(hashWith(key, code, owner), expected)).includes(true),

    seal: (code: string): Buffer => codeSeal.seal(code),

    /** Decrypts a sealed code. @throws Error when none of the keys fits */
    open: (sealed: Buffer): string => codeSeal.open(sealed),

    /** Hashes an address, because addresses are only compared. Returns one hash for each key; the first is the one to store. */
    hashAddress: (address: string): [Buffer, ...Buffer[]] => {
      const group = addressGroup(address);
      const hashed = (key: Buffer) => createHmac('sha256', key).update(group).digest();
      const [first, ...others] = addressKeys;
      return [hashed(first), ...others.map(hashed)];
    },
  };
}
