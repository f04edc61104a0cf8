import { createPermits } from '../../core/permits/permits';
import type { Database } from '../../core/platform/database';
import { bearer, SECRET_KEY, type TestApi } from '../api/test-api';
import { addSource, aNotice, anAttachment, nationalId, registerEmployer } from '../support/fixtures';
import { employerIdOf } from '../support/inbox';

/** Two source systems and two employers; the first system has served two notices on the first employer. */
export interface Scene {
  apiKey: string;
  otherApiKey: string;
  sourceCode: string;
  nationalId: string;
  otherNationalId: string;
  /** The notice has an attachment, and its email is in doubt. */
  noticeId: string;
  attachmentId: string;
  alertId: string;
  /** The passcode of a valid permit for the other notice. */
  passcode: string;
}

let employers = 31_000_000;

/** Returns an unused national ID. */
export const newNationalId = (): string => nationalId(++employers);

export async function makeScene({ app }: Pick<TestApi, 'app'>, db: Database): Promise<Scene> {
  const [owner, other] = [newNationalId(), newNationalId()];
  await registerEmployer(db, { nationalId: owner });
  await registerEmployer(db, { nationalId: other });
  const { apiKey, caller } = await addSource(db);
  const serve = async (): Promise<string> => {
    const payload = aNotice({ recipient: { nationalId: owner }, attachments: [anAttachment()] });
    const headers = bearer(apiKey);
    return (await app.inject({ method: 'POST', url: '/v1/notices', headers, payload })).json().id;
  };
  const noticeId = await serve();
  const [file] = await db.query<{ id: string }>('SELECT id FROM attachments WHERE notice_id = $1', [
    noticeId,
  ]);
  const permits = createPermits(db, SECRET_KEY);
  const employerId = await employerIdOf(db, owner);
  const permit = await permits.issue({ noticeId: await serve(), employerId, duration: 'week' });
  return {
    apiKey,
    otherApiKey: (await addSource(db)).apiKey,
    sourceCode: caller.sourceCode,
    nationalId: owner,
    otherNationalId: other,
    noticeId,
    attachmentId: file?.id as string,
    alertId: await emailInDoubt(db, noticeId),
    passcode: permit?.passcode as string,
  };
}

/** Leaves the email of a notice in doubt, as if its connection had broken. @returns the alert's id */
async function emailInDoubt(db: Database, noticeId: string): Promise<string> {
  const [alert] = await db.query<{ id: string }>(
    `WITH ended AS (
       UPDATE alerts SET state = 'unknown', reason = 'the connection was lost' WHERE notice_id = $1 AND channel = 'email'
       RETURNING id)
     INSERT INTO dead_alerts (alert_id, channel, state, cause) SELECT id, 'email', 'unknown', 'lost' FROM ended
     RETURNING alert_id AS id`,
    [noticeId],
  );
  return alert?.id as string;
}
