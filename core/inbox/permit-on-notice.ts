import type { Columns } from '../platform/statement';

/** The latest permit of a notice, as its owner sees it. */
export interface PermitOnNotice {
  /** Decided by PostgreSQL's clock, also while an expired permit is not yet marked as such. */
  state: 'live' | 'expired';
  /** The first instant at which the permit does not hold. */
  expiresAt: Date;
  /** The encrypted passcode; null once the permit is over. */
  cipher: Buffer | null;
}

export interface LatestPermitRow {
  permitState: 'live' | 'expired' | 'revoked' | null;
  permitExpiresAt: Date | null;
  permitCipher: Buffer | null;
}

/** The columns of `latestPermitSql` behind an outer join. */
export const LATEST_PERMIT_COLUMNS: Columns<LatestPermitRow> = {
  permitState: 'text?',
  permitExpiresAt: 'timestamptz?',
  permitCipher: 'bytea?',
};

/** Gives a SELECT of the latest permit of a notice, at most one row. `noticeId` is an SQL expression. */
export const latestPermitSql = (noticeId: string): string =>
  `SELECT CASE WHEN state = 'revoked' THEN 'revoked'
               WHEN state = 'active' AND expires_at > now() THEN 'live' ELSE 'expired' END AS "permitState",
          expires_at AS "permitExpiresAt", passcode_cipher AS "permitCipher"
     FROM permits WHERE notice_id = ${noticeId} ORDER BY issued_at DESC, id DESC LIMIT 1`;

export function toPermitOnNotice({
  permitState,
  permitExpiresAt,
  permitCipher,
}: LatestPermitRow): PermitOnNotice | null {
  // A revoked permit is in the history only; elsewhere the notice looks as if it never had one.
  if (!permitState || permitState === 'revoked' || !permitExpiresAt) return null;
  return {
    state: permitState,
    expiresAt: permitExpiresAt,
    cipher: permitState === 'live' ? permitCipher : null,
  };
}
