import type { Queryable } from '../platform/database';
import { Refusal } from '../platform/errors';

/** Between two codes for one ID. */
export const RESEND_SECONDS = 60;

/** More codes than a person ever needs; they bound guesses, and what SMS cost. */
const MAX_CODES = { perNationalIdAndHour: 10, perNationalIdAndDay: 30, perAddressAndQuarter: 60 };

/**
 * Counts the codes that were asked for. To be called under locks that keep others from asking meanwhile.
 *
 * @param addressHashes all that the address may be kept as
 * @returns the seconds until another one may be made for this ID; 0 when it may
 * @throws Refusal `locked_out` when there were too many
 */
export async function assertWithinLimits(
  trx: Queryable,
  nationalId: string,
  addressHashes: Buffer[],
): Promise<{ resendIn: number }> {
  const [row] = await trx.query<{ hour: number; day: number; address: number; resendIn: number }>(
    `SELECT count(*) FILTER (WHERE requested_at > now() - interval '1 hour')::int AS hour, count(*)::int AS day,
            (SELECT count(*)::int FROM login_codes
              WHERE address_hash = ANY($2) AND requested_at > now() - interval '15 minutes') AS address,
            coalesce(greatest(0, ceil($3 - extract(epoch FROM now() - max(requested_at)))), 0)::int AS "resendIn"
       FROM login_codes WHERE national_id = $1 AND requested_at > now() - interval '1 day'`,
    [nationalId, addressHashes, RESEND_SECONDS],
  );
  const { hour = 0, day = 0, address = 0, resendIn = 0 } = row ?? {};
  const { perNationalIdAndHour, perNationalIdAndDay, perAddressAndQuarter } = MAX_CODES;
  if (hour >= perNationalIdAndHour || day >= perNationalIdAndDay || address >= perAddressAndQuarter)
    throw new Refusal('locked_out', 'Too many codes were asked for.');
  return { resendIn };
}
