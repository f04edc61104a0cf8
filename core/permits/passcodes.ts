import { createHmac, randomInt } from 'node:crypto';
import { deriveKeys, type SecretKeys } from '../platform/derived-keys';
import { createSeal } from '../platform/seal';

const PASSCODE_DIGITS = 10;

/** How passcodes are made and kept: hashed for the look-up, encrypted for their owner, in the clear nowhere. */
export function createPasscodes(secretKeys: SecretKeys) {
  const lookUpKeys = deriveKeys(secretKeys, 'passcode look-up');
  const display = createSeal(deriveKeys(secretKeys, 'passcode display'));
  const hashWith = (key: Buffer, nationalId: string, passcode: string): Buffer =>
    createHmac('sha256', key).update(`${nationalId} ${passcode}`).digest();
  return {
    /** Ten digits nobody can guess. */
    generate: (): string => String(randomInt(10 ** PASSCODE_DIGITS)).padStart(PASSCODE_DIGITS, '0'),

    /** What a passcode of one employer is kept under; of another employer the same digits look different. */
    hash: (nationalId: string, passcode: string): Buffer => hashWith(lookUpKeys[0], nationalId, passcode),

    /** All it may have been kept under. */
    hashes: (nationalId: string, passcode: string): Buffer[] =>
      lookUpKeys.map((key) => hashWith(key, nationalId, passcode)),

    encrypt: (passcode: string): Buffer => display.seal(passcode),

    /** @throws Error when it was not encrypted with a key of ours, or was changed */
    decrypt: (sealed: Buffer): string => display.open(sealed),
  };
}
