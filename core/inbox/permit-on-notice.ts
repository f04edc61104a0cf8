/** The latest permit of a notice, as far as its owner still has to know of it. */
export interface PermitOnNotice {
  /** Decided by the clock of PostgreSQL, whatever has been tidied up. */
  state: 'live' | 'expired';
  /** The first instant at which it does not hold. */
  expiresAt: Date;
  /** The passcode, encrypted; only while the permit lives. */
  cipher: Buffer | null;
}

export interface PermitColumns {
  permitState: 'live' | 'expired' | 'revoked' | null;
  permitEnds: Date | null;
  permitCipher: Buffer | null;
}

/** A SELECT of the latest permit of a notice, by its id as SQL: one row, or none. */
export const latestPermitSql = (noticeId: string): string =>
  `SELECT CASE WHEN state = 'revoked' THEN 'revoked'
               WHEN state = 'active' AND expires_at > now() THEN 'live' ELSE 'expired' END AS "permitState",
          expires_at AS "permitEnds", passcode_cipher AS "permitCipher"
     FROM permits WHERE notice_id = ${noticeId} ORDER BY issued_at DESC, id DESC LIMIT 1`;

export function toPermitOnNotice({
  permitState,
  permitEnds,
  permitCipher,
}: PermitColumns): PermitOnNotice | null {
  // One that was revoked is in the history; on the list the notice is as if there never was one.
  if (!permitState || permitState === 'revoked' || !permitEnds) return null;
  return { state: permitState, expiresAt: permitEnds, cipher: permitState === 'live' ? permitCipher : null };
}
