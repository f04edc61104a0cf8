import { acceptNotices } from '../../core/notices/accept-notices';
import type { NoticeInput } from '../../core/notices/notice-schema';
import type { Database } from '../../core/platform/database';
import { Refusal } from '../../core/platform/errors';
import { addSource, aNotice, nationalId as nationalIdOf, registerEmployer } from './fixtures';

export interface ServedNotice {
  noticeId: string;
  trackingNumber: string;
  sourceId: number;
  employerId: string;
  nationalId: string;
  /** In their order. */
  attachmentIds: string[];
}

let employers = 20_000_000;

/** Serves a notice on an employer: one of its own, unless `to` names another. Attachments are not stored. */
export async function serveNotice(
  db: Database,
  { to, ...notice }: Partial<Omit<NoticeInput, 'recipient'>> & { to?: string } = {},
): Promise<ServedNotice> {
  const { caller } = await addSource(db);
  employers += 1;
  const nationalId = to ?? nationalIdOf(employers);
  if (!to) await registerEmployer(db, { nationalId });
  const deps = {
    db,
    attachments: { put: async () => {}, get: async () => Buffer.alloc(0) },
    wording: { template: '{name}: {trackingNumber}', suffix: '' },
    alertTtlHours: 72,
  };
  const source = { id: caller.sourceId, code: caller.sourceCode };
  const input = aNotice({ ...notice, recipient: { nationalId } });
  const [answer] = await acceptNotices(deps, [{ door: 'http', source, keyId: caller.keyId, input }]);
  if (!answer || answer instanceof Refusal) throw answer ?? new Error('no answer');
  const [employer] = await db.query<{ id: string }>('SELECT id FROM employers WHERE national_id = $1', [
    nationalId,
  ]);
  const files = await db.query<{ id: string }>(
    'SELECT id FROM attachments WHERE notice_id = $1 ORDER BY position',
    [answer.id],
  );
  return {
    noticeId: answer.id,
    trackingNumber: answer.trackingNumber,
    sourceId: caller.sourceId,
    employerId: employer?.id as string,
    nationalId,
    attachmentIds: files.map(({ id }) => id),
  };
}

/** The events of a notice after its acceptance. */
export const eventsOf = (db: Database, noticeId: string) =>
  db.query<{ type: string; actor: string; data: Record<string, unknown>; at: Date }>(
    `SELECT type, actor, data, at FROM events WHERE notice_id = $1 AND type <> 'notice.accepted' ORDER BY seq`,
    [noticeId],
  );

/** The outbox ids of a queue, by the ids of their subjects. */
export async function workFor(db: Database, queue: string, subjectIds: string[]): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'SELECT id FROM outbox WHERE queue = $1 AND subject_ids && $2::bigint[] ORDER BY id',
    [queue, subjectIds],
  );
  return rows.map(({ id }) => id);
}
