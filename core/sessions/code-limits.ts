import type { Queryable } from '../platform/database';
import { Refusal } from '../platform/errors';
import { statement } from '../platform/statement';

/** The time between two codes for one national ID. */
export const RESEND_SECONDS = 60;

/** More codes than a person ever needs. The limits bound guessing and the cost of SMS. */
const MAX_CODES = { perNationalIdAndHour: 10, perNationalIdAndDay: 30, perAddressAndQuarter: 60 };

const COUNT_REQUESTED_CODES = statement<{ hour: number; day: number; address: number; resendIn: number }>(
  'count-requested-codes',
  `SELECT count(*) FILTER (WHERE requested_at > now() - interval '1 hour')::int AS hour, count(*)::int AS day,
          (SELECT count(*)::int FROM login_codes
            WHERE address_hash = ANY(:addressHashes::bytea[]) AND requested_at > now() - interval '15 minutes') AS address,
          coalesce(greatest(0, ceil(:resendSeconds::int - extract(epoch FROM now() - max(requested_at)))), 0)::int
            AS "resendIn"
     FROM login_codes WHERE national_id = :nationalId AND requested_at > now() - interval '1 day'`,
  { hour: 'int4', day: 'int4', address: 'int4', resendIn: 'int4' },
);

/**
 * Checks how many codes were requested lately. Call it under locks that keep others from requesting meanwhile.
 *
 * @param addressHashes every hash the address may be stored as
 * @returns the seconds until another code may be made for this ID; 0 when it may be made now
 * @throws Refusal `locked_out` when there were too many
 */
export async function assertWithinLimits(
  trx: Queryable,
  nationalId: string,
  addressHashes: Buffer[],
): Promise<{ resendIn: number }> {
  const [row] = await trx.query(COUNT_REQUESTED_CODES, {
    nationalId,
    addressHashes,
    resendSeconds: RESEND_SECONDS,
  });
  const { hour = 0, day = 0, address = 0, resendIn = 0 } = row ?? {};
  const { perNationalIdAndHour, perNationalIdAndDay, perAddressAndQuarter } = MAX_CODES;
  if (hour >= perNationalIdAndHour || day >= perNationalIdAndDay || address >= perAddressAndQuarter)
    throw new Refusal('locked_out', 'Too many codes were asked for.');
  return { resendIn };
}
