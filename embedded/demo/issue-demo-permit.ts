import { createPermits } from '../../core/permits/permits';
import type { Database } from '../../core/platform/database';
import type { SecretKeys } from '../../core/platform/derived-keys';
import { statement } from '../../core/platform/statement';
import { DEMO_EMPLOYERS } from './employers';

const SELECT_DEMO_VIEWED_NOTICE = statement<{ noticeId: string; employerId: string }>(
  'select-demo-viewed-notice',
  `SELECT n.id AS "noticeId", n.employer_id AS "employerId"
     FROM notices n JOIN employers e ON e.id = n.employer_id
    WHERE e.national_id = :nationalId AND n.first_viewed_at IS NOT NULL ORDER BY n.registered_at DESC LIMIT 1`,
  { noticeId: 'uuid', employerId: 'int8' },
);

/**
 * Issues a permit for the newest notice that the first employer of the demo has viewed, so that its inbox shows a permit. The
 * passcode stands nowhere but in that inbox, as with any other permit.
 */
export async function issueDemoPermit(db: Database, secretKeys: SecretKeys): Promise<void> {
  const [employer] = DEMO_EMPLOYERS;
  const [notice] = await db.query(SELECT_DEMO_VIEWED_NOTICE, { nationalId: employer?.nationalId });
  if (notice) await createPermits(db, secretKeys).issue({ ...notice, duration: 'month' });
}
