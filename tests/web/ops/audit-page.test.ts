import { ACTIONS, createAudit, type NewAuditEntry } from '../../../core/operators/audit';
import { ACTION_LABELS } from '../../../web/ops/labels/audit-labels';
import { startTestApi, type TestApi } from '../../api/test-api';
import { useDatabase } from '../../support/database';
import { anOperator, type TestOperator } from '../../support/operator';
import { textOf } from '../owner';

const test = useDatabase();
let api: TestApi;
let viewer: TestOperator;
afterAll(() => api.close());
beforeAll(async () => {
  api = await startTestApi(test.db);
  viewer = await anOperator(api, test.db, 'viewer');
});

const record = (fields: Partial<NewAuditEntry>) =>
  createAudit(test.db).record({
    operator: 'sara',
    role: 'operator',
    action: 'pause',
    subject: 'sms bulk',
    reason: null,
    outcome: 'done',
    touched: 1,
    ...fields,
  });

describe('the audit page', () => {
  it('shows operator, action, reason, time and outcome of each entry, in Persian', async () => {
    await record({ action: 'resend', subject: 'alert 41', reason: 'شماره درست شد', touched: 12 });
    await record({ role: 'viewer', operator: 'reza', outcome: 'refused', touched: 0 });
    await record({ action: 'give-up', outcome: 'overtaken', touched: 0 });
    await record({ role: 'none', operator: 'nobody', action: 'sign-in-refused', outcome: 'refused' });
    const answer = await viewer.browser.get('/ops/audit');
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
    const text = textOf(answer.body);
    expect(text).toMatch(
      /[۰-۹]{4}\/[۰-۹]{2}\/[۰-۹]{2} [۰-۹]{2}:[۰-۹]{2} sara ارسال دوباره alert 41 شماره درست شد انجام شد ۱۲/,
    );
    expect(text).toMatch(/reza نگه داشتن ارسال sms bulk پذیرفته نشد/);
    expect(text).toMatch(/دست کشیدن از ارسال sms bulk پیش از آن تغییر کرده بود/);
    expect(text).toMatch(/ناشناس ورود ناموفق/);
  });

  it('shows each action by its Persian label', async () => {
    for (const action of ACTIONS) await record({ action, subject: `subject of ${action}` });
    const text = textOf((await viewer.browser.get('/ops/audit')).body);
    for (const action of ACTIONS) {
      const label = ACTION_LABELS[action];
      expect(label).toMatch(/^[آ-ی‌ ]+$/);
      expect(text).toContain(` ${label} subject of ${action} `);
    }
  });

  it('shows reasons as text, also HTML', async () => {
    await record({ subject: '<script>alert(1)</script>', reason: '<img src=x onerror=alert(1)>' });
    const { body } = await viewer.browser.get('/ops/audit');
    expect(body).not.toMatch(/<script>alert|<img/);
  });

  it('leads back to the first entry by pages of fifty, without loss or repetition', async () => {
    for (let i = 0; i < 120; i += 1) await record({ subject: `number ${i}` });
    const seen: string[] = [];
    let url: string | undefined = '/ops/audit';
    let pages = 0;
    while (url) {
      const { body }: { body: string } = await viewer.browser.get(url);
      const numbers = [...body.matchAll(/number (\d+)/g)].map(([, number]) => number as string);
      expect(numbers.length).toBeLessThanOrEqual(50);
      seen.push(...numbers);
      expect(/>تازه‌ترین‌ها<\/a>/.test(body)).toBe(pages > 0);
      url = /rel="next" href="([^"]+)"/.exec(body)?.[1];
      pages += 1;
      // New entries do not shift the older page.
      await record({ subject: 'meanwhile' });
    }
    expect(pages).toBeGreaterThanOrEqual(3);
    expect(seen).toEqual(Array.from({ length: 120 }, (_, i) => String(119 - i)));
  });

  it.each(['', 'x', '-1', '1;DROP', '9'.repeat(30), '1&before=2'])(
    'is at no place called %j',
    async (before) => {
      const answer = await viewer.browser.get(`/ops/audit?before=${before}`);
      expect(answer.statusCode).toBe(400);
    },
  );

  it('shows an empty page beyond the first entry', async () => {
    const { statusCode, body } = await viewer.browser.get('/ops/audit?before=1');
    expect([statusCode, textOf(body)]).toEqual([200, expect.stringContaining('سطر دیگری نیست')]);
  });

  it('needs a session', async () => {
    const answer = await api.app.inject({ url: '/ops/audit' });
    expect([answer.statusCode, answer.headers.location, answer.body]).toEqual([303, '/ops/login', '']);
  });
});
