import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { deriveKeys, type SecretKeys } from '../platform/derived-keys';
import { createSeal } from '../platform/seal';
import { addressGroup } from '../text/address-group';

/** Whom a code was made for: it opens nothing for anybody else. */
export interface CodeOwner {
  nationalId: string;
  /** SHA-256 of the visitor's cookie. */
  visitorHash: Buffer;
}

/** Makes login codes, and keeps them so that the database alone neither shows nor confirms one. */
export function createCodeSecrets(secretKeys: SecretKeys) {
  const lookUpKeys = deriveKeys(secretKeys, 'login code look-up');
  const untilSent = createSeal(deriveKeys(secretKeys, 'login code until sent'));
  const addressKeys = deriveKeys(secretKeys, 'login address');

  const hashWith = (key: Buffer, code: string, { nationalId, visitorHash }: CodeOwner): Buffer =>
    createHmac('sha256', key).update(visitorHash).update(`${nationalId} ${code}`).digest();

  return {
    /** Six digits, each code as likely as any other. */
    generate: (): string => String(randomInt(1_000_000)).padStart(6, '0'),

    hash: (code: string, owner: CodeOwner): Buffer => hashWith(lookUpKeys[0], code, owner),

    /** Whether the code was kept as `expected`; looks at every key, whichever it was. */
    matches: (code: string, owner: CodeOwner, expected: Buffer): boolean =>
      lookUpKeys.map((key) => timingSafeEqual(hashWith(key, code, owner), expected)).includes(true),

    seal: (code: string): Buffer => untilSent.seal(code),

    /** @throws Error for what was not sealed with a key of ours */
    open: (sealed: Buffer): string => untilSent.open(sealed),

    /** Addresses are only ever compared, so they are not kept as they are. All that one may be kept as, the first now. */
    hashAddress: (address: string): [Buffer, ...Buffer[]] => {
      const group = addressGroup(address);
      const hashed = (key: Buffer) => createHmac('sha256', key).update(group).digest();
      const [first, ...others] = addressKeys;
      return [hashed(first), ...others.map(hashed)];
    },
  };
}
