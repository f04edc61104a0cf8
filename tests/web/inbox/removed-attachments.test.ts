import { bearer, useApi } from '../../api/test-api';
import { anAttachment, PDF, PNG } from '../../support/fixtures';
import { createVisitor } from '../../support/visitor';
import { anOwner, attachmentsOf, issuePermit, textOf } from '../owner';

const app = useApi();

const REMOVED = 'مهلت نگهداری این فایل گذشته';

/** A notice with a PDF that retention removed, and a picture that is still there. */
async function withOneRemoved() {
  const me = await anOwner(app.api, app.db);
  const id = await me.serve({ attachments: [anAttachment(PDF), anAttachment(PNG, 'a.png')] });
  const [pdf, picture] = (await attachmentsOf(app.db, id)) as [string, string];
  await app.db.query(`UPDATE attachments SET removed_at = '2026-03-21T00:00:00Z' WHERE id = $1`, [pdf]);
  return { me, id, pdf, picture };
}

it('the page of a notice shows when a file was removed, and links only to files that are still there', async () => {
  const { me, id, pdf, picture } = await withOneRemoved();
  const { body } = await me.browser.get(`/inbox/${id}`);
  expect(textOf(body)).toContain(REMOVED);
  expect(textOf(body)).toContain('form-1.pdf');
  expect(textOf(body)).toContain('۱۴۰۵/۰۱/۰۱');
  expect(body).not.toContain(`/attachments/${pdf}`);
  expect(body).toContain(`/attachments/${picture}`);
  expect((await me.browser.get(`/inbox/${id}/attachments/${pdf}`)).statusCode).toBe(404);
  expect((await me.browser.get(`/inbox/${id}/attachments/${picture}`)).statusCode).toBe(200);
});

it('a government body sees the same, on the panel and through the API', async () => {
  const { me, id, pdf } = await withOneRemoved();
  const passcode = await issuePermit(me, id);
  const panel = createVisitor(app.api.app, '', '198.51.100.200');
  await panel.get('/inquiry');
  const fields = { bodyName: 'شهرداری', nationalId: me.nationalId, passcode };
  const { body } = await panel.post('/inquiry', fields);
  expect(textOf(body)).toContain(REMOVED);
  expect(body).not.toContain(`/attachments/${pdf}`);
  const [link = ''] = /\/inquiry\/attachments\/[^"]+/.exec(body) ?? [];
  const guessed = link.replaceAll('&amp;', '&').replace(/attachments\/[^?]+/, `attachments/${pdf}`);
  expect((await panel.get(guessed)).statusCode).toBe(404);
  const answer = await app.call('/v1/inquiries', {
    method: 'POST',
    headers: bearer(app.apiKey),
    payload: { nationalId: me.nationalId, passcode },
  });
  expect(answer.json().attachments).toEqual([
    { fileName: 'form-1.pdf', contentType: 'application/pdf', size: PDF.length, url: null },
    { fileName: 'a.png', contentType: 'image/png', size: PNG.length, url: expect.stringContaining('?pass=') },
  ]);
});
