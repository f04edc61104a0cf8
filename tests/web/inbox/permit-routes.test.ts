import { toPersianDigits } from '../../../core/text/normalise';
import { useApi } from '../../api/test-api';
import { eventsOf } from '../../support/served-notice';
import { anOwner, issuePermit, textOf } from '../owner';

const app = useApi();
const owner = () => anOwner(app.api, app.db);

describe('the form for a permit', () => {
  it('has one required choice of four, and the official text', async () => {
    const me = await owner();
    const { body } = await me.browser.get(`/inbox/${await me.serve()}/permit`);
    expect(body).toMatch(/<select[^>]*required/);
    const choices = [...body.matchAll(/<option value="(\w+)"[^>]*>([^<]+)</g)].map(([, ...choice]) => choice);
    expect(choices).toEqual([
      ['day', 'یک روز'],
      ['week', 'یک هفته'],
      ['month', 'یک ماه'],
      ['year', 'یک سال'],
    ]);
    const text = textOf(body);
    for (const words of [
      'قابلیت استعلام',
      'تعیین مدت زمان لازم جهت استعلام ابلاغ برای سایر نهادهای دولتی',
      'صدور مجوز استعلام به مدت: *',
      'کاربر گرامی :',
      'این فرم جهت صدور مجوز استعلام (به اشتراک گذاری) اسناد یا اطلاعات موجود در صندوق شخصی شما تعبیه شده است.',
      'بدیهی است پس از اتمام مدت تعیین شده مجوز استعلام بصورت اتوماتیک لغو خواهد شد.',
    ])
      expect(text).toContain(words);
    expect(text).not.toContain('استعمال');
  });

  it.each(['', 'decade', 'day,week'])('shows an error for the duration %j', async (duration) => {
    const me = await owner();
    const id = await me.serve();
    await me.browser.get(`/inbox/${id}/permit`);
    const answer = await me.browser.post(`/inbox/${id}/permit`, { duration });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('مدت مجوز استعلام را انتخاب کنید.');
    expect(await eventsOf(app.db, id)).toEqual([]);
  });
});

describe('a permit', () => {
  it('is issued with a passcode to read and to copy in ASCII digits, which is in no URL', async () => {
    const me = await owner();
    const id = await me.serve();
    await me.browser.get(`/inbox/${id}/permit`);
    const sent = await me.browser.post(`/inbox/${id}/permit`, { duration: 'month' });
    expect([sent.statusCode, sent.headers.location]).toEqual([303, `/inbox/${id}/permit/issued`]);
    const { body } = await me.browser.get(`/inbox/${id}/permit/issued`);
    const passcode = /data-copy="(\d{10})"/.exec(body)?.[1] as string;
    expect(textOf(body)).toContain('پیام سیستم');
    expect(textOf(body)).toContain('صدور مجوز استعلام با موفقیت انجام شد.');
    expect(textOf(body)).toContain(`کد رمز جهت استعلام: ${toPersianDigits(passcode)}`);
    expect(JSON.stringify(app.api.logged)).not.toContain(passcode);
    expect(JSON.stringify(await eventsOf(app.db, id))).not.toContain(passcode);
  });

  it('is revoked at once after a confirmation, with a message', async () => {
    const me = await owner();
    const id = await me.serve();
    await issuePermit(me, id);
    const confirmation = await me.browser.get(`/inbox/${id}/permit/revoke`);
    expect(textOf(confirmation.body)).toContain('آیا از لغو مجوز اطمینان دارید؟');
    const { headers } = await me.browser.post(`/inbox/${id}/permit/revoke`);
    const message = await me.browser.get(String(headers.location));
    expect(textOf(message.body)).toContain('لغو مجوز استعلام با موفقیت انجام شد.');
    expect((await eventsOf(app.db, id)).map(({ type }) => type)).toEqual(['permit.issued', 'permit.revoked']);
    expect(textOf((await me.browser.get('/inbox')).body)).toContain('صدور مجوز استعلام');
  });

  it('cannot be revoked twice, and is not called revoked before', async () => {
    const me = await owner();
    const id = await me.serve();
    await issuePermit(me, id);
    const early = await me.browser.get(`/inbox/${id}/permit/revoked`);
    expect(textOf(early.body)).not.toContain('با موفقیت');
    await me.browser.get(`/inbox/${id}/permit/revoke`);
    await me.browser.post(`/inbox/${id}/permit/revoke`);
    const again = await me.browser.post(`/inbox/${id}/permit/revoke`);
    expect(again.statusCode).toBe(409);
    expect((await eventsOf(app.db, id)).filter(({ type }) => type === 'permit.revoked')).toHaveLength(1);
  });

  it('can be issued again after a revocation, with another passcode', async () => {
    const me = await owner();
    const id = await me.serve();
    const first = await issuePermit(me, id);
    await me.browser.get(`/inbox/${id}/permit/revoke`);
    await me.browser.post(`/inbox/${id}/permit/revoke`);
    expect(await issuePermit(me, id)).not.toBe(first);
  });
});
