import { type AcceptDependencies, acceptNotices } from '../../core/notices/accept-notices';
import type { AttachmentStore } from '../../core/notices/attachment-store';
import type { NoticeInput } from '../../core/notices/notice-schema';
import type { Database } from '../../core/platform/database';
import { Refusal } from '../../core/platform/errors';
import type { Caller } from '../../core/sources/source-systems';

const nowhere: AttachmentStore = { put: async () => {}, get: async () => Buffer.alloc(0) };

/**
 * Accepts notices as in production. Their ids are in the order given, and so are their registrations, a
 * second apart: the last is the newest.
 *
 * @param attachments where their files go; nowhere if absent
 */
export async function acceptAll(
  db: Database,
  caller: Caller,
  notices: NoticeInput[],
  attachments: AttachmentStore = nowhere,
): Promise<string[]> {
  const deps: AcceptDependencies = {
    db,
    attachments,
    wording: { template: '{name}: {trackingNumber}', suffix: '' },
    alertTtlHours: 72,
  };
  const source = { id: caller.sourceId, code: caller.sourceCode };
  const answers = await acceptNotices(
    deps,
    notices.map((input) => ({ door: 'http', source, keyId: caller.keyId, input })),
  );
  const ids = answers.map((answer) => {
    if (answer instanceof Refusal) throw answer;
    return answer.id;
  });
  await db.query(
    `UPDATE notices n SET registered_at = now() - make_interval(secs => $2 - ord::int)
       FROM unnest($1::uuid[]) WITH ORDINALITY given(id, ord) WHERE n.id = given.id`,
    [ids, ids.length],
  );
  return ids;
}

/** The id the register gave an employer. */
export async function employerIdOf(db: Database, nationalId = '0499370899'): Promise<string> {
  const [row] = await db.query<{ id: string }>('SELECT id FROM employers WHERE national_id = $1', [
    nationalId,
  ]);
  return row?.id as string;
}

/** Moves the registration of a notice. */
export const registeredAt = (db: Database, noticeId: string, at: string) =>
  db.query('UPDATE notices SET registered_at = $2, accepted_at = $2 WHERE id = $1', [noticeId, at]);
