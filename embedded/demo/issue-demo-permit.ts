import { createPermits } from '../../core/permits/permits';
import type { Database } from '../../core/platform/database';
import type { SecretKeys } from '../../core/platform/derived-keys';
import { DEMO_EMPLOYERS } from './employers';

/**
 * Lets the first employer of the demo share the newest notice it has seen, so that its inbox shows what a permit
 * looks like. Issued like any other: its passcode is nowhere but there.
 */
export async function issueDemoPermit(db: Database, secretKeys: SecretKeys): Promise<void> {
  const [notice] = await db.query<{ noticeId: string; employerId: string }>(
    `SELECT n.id AS "noticeId", n.employer_id AS "employerId"
       FROM notices n JOIN employers e ON e.id = n.employer_id
      WHERE e.national_id = $1 AND n.first_viewed_at IS NOT NULL ORDER BY n.registered_at DESC LIMIT 1`,
    [DEMO_EMPLOYERS[0]?.nationalId],
  );
  if (notice) await createPermits(db, secretKeys).issue({ ...notice, duration: 'month' });
}
