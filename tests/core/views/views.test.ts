import { inSpan } from '../../../core/platform/tracing';
import { createViews } from '../../../core/views/views';
import { useDatabase } from '../../support/database';
import { anAttachment, PDF, PNG } from '../../support/fixtures';
import { eventsOf, serveNotice } from '../../support/served-notice';
import { useTraces } from '../../support/traces';

describe('viewing a notice', () => {
  const test = useDatabase();
  const views = () => createViews(test.db);

  const viewsOf = (noticeId: string) =>
    test.db.query<{ id: string; at: Date; actor: string }>(
      'SELECT id, at, actor FROM views WHERE notice_id = $1',
      [noticeId],
    );

  it('is recorded, with its event and its work, when open returns', async () => {
    const { noticeId, employerId } = await serveNotice(test.db);
    expect(await views().open({ noticeId, employerId, actor: 'employer' })).toBe(true);
    const [view] = await viewsOf(noticeId);
    expect(view).toMatchObject({ actor: 'employer' });
    expect(await eventsOf(test.db, noticeId)).toEqual([
      { type: 'notice.viewed', actor: 'employer', data: {}, at: view?.at },
    ]);
    const work = await test.db.query(
      'SELECT queue FROM outbox WHERE queue = $1 AND subject_ids = ARRAY[$2::bigint]',
      ['views', view?.id],
    );
    expect(work).toHaveLength(1);
  });

  it('by another employer, of an unknown notice or of an invalid id records nothing', async () => {
    const { noticeId } = await serveNotice(test.db);
    const { employerId } = await serveNotice(test.db);
    for (const id of [noticeId, '01890000-0000-7000-8000-000000000000', 'x', "' OR 1=1", '']) {
      expect(await views().open({ noticeId: id, employerId, actor: 'employer' })).toBe(false);
    }
    expect(await viewsOf(noticeId)).toEqual([]);
    expect(await eventsOf(test.db, noticeId)).toEqual([]);
  });

  it('is recorded completely or not at all when its transaction fails', async () => {
    const { noticeId, employerId } = await serveNotice(test.db);
    const failed = test.db.transaction(async (trx) => {
      await createViews(trx).open({ noticeId, employerId, actor: 'employer' });
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await viewsOf(noticeId)).toEqual([]);
    expect(await eventsOf(test.db, noticeId)).toEqual([]);
  });
});

describe('a traced view', () => {
  const test = useDatabase();
  const traces = useTraces();

  it('hands its trace to the work it causes', async () => {
    const { noticeId, employerId } = await serveNotice(test.db);
    await inSpan('a page', {}, () => createViews(test.db).open({ noticeId, employerId, actor: 'employer' }));
    const span = traces.named('a page')[0]?.spanContext();
    expect(await test.db.query(`SELECT trace FROM outbox WHERE queue = 'views'`)).toEqual([
      { trace: `00-${span?.traceId}-${span?.spanId}-01` },
    ]);
  });
});

describe('opening an attachment', () => {
  const test = useDatabase();
  const open = (attachmentId: string, employerId: string) =>
    createViews(test.db).openAttachment({ attachmentId, employerId, actor: 'employer' });

  it('records an event, and returns what to send', async () => {
    const attachments = [anAttachment(), anAttachment(PNG, '<script>.png')];
    const { noticeId, employerId, attachmentIds } = await serveNotice(test.db, { attachments });
    const [pdf, png] = attachmentIds as [string, string];
    expect(await open(png, employerId)).toEqual({
      noticeId,
      fileName: '<script>.png',
      contentType: 'image/png',
      size: PNG.length,
    });
    expect(await open(pdf, employerId)).toMatchObject({ contentType: 'application/pdf', size: PDF.length });
    const data = (attachmentId: string) => ({
      attachmentId,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await eventsOf(test.db, noticeId)).toEqual([
      expect.objectContaining({ type: 'attachment.opened', actor: 'employer', data: data(png) }),
      expect.objectContaining({ type: 'attachment.opened', data: data(pdf) }),
    ]);
  });

  it('is possible for the owner only', async () => {
    const { noticeId, attachmentIds } = await serveNotice(test.db, { attachments: [anAttachment()] });
    const { employerId } = await serveNotice(test.db);
    expect(await open(attachmentIds[0] as string, employerId)).toBeNull();
    expect(await open('nothing', employerId)).toBeNull();
    expect(await eventsOf(test.db, noticeId)).toEqual([]);
  });
});
