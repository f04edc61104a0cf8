import { createHmac, randomInt } from 'node:crypto';
import { deriveKeys, type SecretKeys } from '../platform/derived-keys';
import { createSeal } from '../platform/seal';

const PASSCODE_DIGITS = 10;

/** Makes passcodes and protects them: hashed for the look-up, encrypted for their owner, stored in clear text nowhere. */
export function createPasscodes(secretKeys: SecretKeys) {
  const lookUpKeys = deriveKeys(secretKeys, 'passcode look-up');
  const display = createSeal(deriveKeys(secretKeys, 'passcode display'));
  const hashWith = (key: Buffer, nationalId: string, passcode: string): Buffer =>
    createHmac('sha256', key).update(`${nationalId} ${passcode}`).digest();
  return {
    /** Generates ten random digits. */
    generate: (): string => String(randomInt(10 ** PASSCODE_DIGITS)).padStart(PASSCODE_DIGITS, '0'),

    /** Hashes a passcode of one employer with the first key. The same digits of another employer have another hash. */
    hash: (nationalId: string, passcode: string): Buffer => hashWith(lookUpKeys[0], nationalId, passcode),

    /** Hashes a passcode with each key: a permit issued under a former key is stored under one of the others. */
    hashes: (nationalId: string, passcode: string): Buffer[] =>
      lookUpKeys.map((key) => hashWith(key, nationalId, passcode)),

    encrypt: (passcode: string): Buffer => display.seal(passcode),

    /** @throws Error when the passcode was encrypted with an unknown key, or was changed */
    decrypt: (sealed: Buffer): string => display.open(sealed),
  };
}
