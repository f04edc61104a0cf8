import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKeys, type SecretKeys } from '../platform/derived-keys';
import { isUuid } from '../text/uuid';

const ID_BYTES = 16;
const PASS_PATTERN = /^[A-Za-z0-9_-]{64}$/;

/**
 * Makes and verifies passes: the id of the inquiry and its signature, in 64 characters that fit a URL. The age of a pass is read
 * from the inquiry's row, on PostgreSQL's clock.
 */
export function createPasses(secretKeys: SecretKeys) {
  const keys = deriveKeys(secretKeys, 'inquiry passes');
  const sign = (id: Buffer, key = keys[0]) => createHmac('sha256', key).update(id).digest();
  return {
    sign(inquiryId: string): string {
      const id = Buffer.from(inquiryId.replaceAll('-', ''), 'hex');
      return Buffer.concat([id, sign(id)]).toString('base64url');
    },

    /** Returns the inquiry's id, or null when no key of this system signed the pass. */
    verify(pass: string): string | null {
      if (!PASS_PATTERN.test(pass)) return null;
      const bytes = Buffer.from(pass, 'base64url');
      const id = bytes.subarray(0, ID_BYTES);
      const signature = bytes.subarray(ID_BYTES);
      if (!keys.some((key) => timingSafeEqual(signature, sign(id, key)))) return null;
      const inquiryId = id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      return isUuid(inquiryId) ? inquiryId : null;
    },
  };
}
