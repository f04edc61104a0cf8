import { randomUUID } from 'node:crypto';
import type { TestAlert } from '../../support/alert-desk';
import { listedOf, sendAgain } from '../../support/dead-alerts';
import { textOf } from '../owner';
import { hiddenFields, useOpsConsole } from './ops-console';

const ops = useOpsConsole();

const pathOf = ({ alertId }: TestAlert, action: string) => `/ops/alerts/${alertId}/${action}`;
const stateOf = async (alert: TestAlert) => (await ops.desk.states([alert]))[0];
const follow = async (answer: { headers: Record<string, unknown> }) =>
  textOf((await ops.operator.browser.get(String(answer.headers.location))).body);
const oneRefused = async () => (await ops.refusedSms())[0] as TestAlert;

describe('an action on an alert', () => {
  it('shows the affected items first, and changes nothing on GET', async () => {
    const alert = await oneRefused();
    const count = (await ops.records()).length;
    const { statusCode, body } = await ops.operator.browser.get(pathOf(alert, 'resend'));
    expect(statusCode).toBe(200);
    expect(textOf(body)).toContain('به این‌ها دست می‌زند ۱ هشدار');
    expect(body).toContain(`/ops/notices/${alert.noticeId}`);
    expect(textOf(body)).toContain('شماره گیرنده درست نیست');
    expect(body).not.toMatch(/09990000411|۰۹۹۹۰۰۰۰۴۱۱/);
    expect(await stateOf(alert)).toBe('failed');
    expect(await ops.records()).toHaveLength(count);
  });

  it('resends a dead alert: exactly one more SMS leaves, and the notice shows it', async () => {
    const alert = await oneRefused();
    await ops.db.query(`UPDATE alerts SET address = '+989121110077' WHERE id = $1`, [alert.alertId]);
    const answer = await ops.do(pathOf(alert, 'resend'));
    expect(answer.statusCode).toBe(303);
    expect(await follow(answer)).toContain('ارسال دوباره: انجام شد و ثبت شد (۱ مورد)');
    expect(await ops.lastRecord()).toMatchObject({
      operator: ops.operator.name,
      role: 'operator',
      action: 'resend',
      subject: `alert:${alert.alertId}`,
      reason: 'به درخواست مدیر',
      outcome: 'done',
      touched: 1,
    });
    await sendAgain(ops.db, ops.providers, [alert]);
    await sendAgain(ops.db, ops.providers, [alert]);
    const received = ops.providers.kavenegar.messages().filter(({ receptor }) => receptor === '09121110077');
    expect(received).toHaveLength(1);
    expect(await ops.desk.attempts(alert)).toHaveLength(2);
  });

  it.each([
    ['count-as-sent', 'sent'],
    ['give-up', 'failed'],
    ['resend', 'queued'],
  ])('decides an unknown fate by %s', async (action, state) => {
    const alert = await ops.unknownEmail();
    const page = await ops.operator.browser.get(pathOf(alert, action));
    expect(textOf(page.body).includes('دو بار بگیرد')).toBe(action === 'resend');
    const answer = await ops.do(pathOf(alert, action));
    expect(answer.headers.location).toMatch(`/ops/notices/${alert.noticeId}?done=`);
    expect(await stateOf(alert)).toBe(state);
    expect(await listedOf(ops.db, [alert])).toEqual([]);
    expect(await ops.lastRecord()).toMatchObject({ action, outcome: 'done', touched: 1 });
  });

  it('has one effect and one audit entry when its form is sent twice, also at the same time', async () => {
    const alert = await ops.unknownEmail();
    const path = pathOf(alert, 'count-as-sent');
    const form = {
      ...hiddenFields((await ops.operator.browser.get(path)).body),
      reason: 'ارائه‌دهنده تأیید کرد',
    };
    const count = (await ops.records()).length;
    const answers = await Promise.all(Array.from({ length: 4 }, () => ops.operator.browser.post(path, form)));
    answers.push(await ops.operator.browser.post(path, form));
    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
    for (const answer of answers) expect(await follow(answer)).toContain('انجام شد و ثبت شد (۱ مورد)');
    expect(await ops.records()).toHaveLength(count + 1);
    const events = (await ops.desk.events(alert)).filter(({ type }) => type === 'alert.sent');
    expect(events).toHaveLength(1);
  });

  it('changes nothing and reports it when the alert has changed meanwhile', async () => {
    const alert = await ops.unknownEmail();
    const path = pathOf(alert, 'give-up');
    const form = { ...hiddenFields((await ops.operator.browser.get(path)).body), reason: 'بی‌پاسخ ماند' };
    await ops.do(pathOf(alert, 'count-as-sent'));
    const answer = await ops.operator.browser.post(path, form);
    expect(await follow(answer)).toContain('چیزی انجام نشد');
    expect(await stateOf(alert)).toBe('sent');
    expect(await ops.lastRecord()).toMatchObject({ action: 'give-up', outcome: 'overtaken', touched: 0 });
    const late = await ops.operator.browser.get(path);
    expect(late.statusCode).toBe(409);
    expect(textOf(late.body)).toContain('وضعیت آن: فرستاده شد');
    expect(late.body).not.toContain('name="requestId"');
  });

  it('is offered only where it is allowed, and only to operators', async () => {
    const [failed, unknown] = [await oneRefused(), await ops.unknownEmail()];
    const offered = async (alert: TestAlert, by = ops.operator) =>
      [
        ...(await by.browser.get(`/ops/notices/${alert.noticeId}`)).body.matchAll(
          /href="\/ops\/alerts\/\d+\/([\w-]+)"/g,
        ),
      ].map(([, action]) => action);
    expect(await offered(failed)).toEqual(['resend', 'give-up']);
    expect(await offered(unknown)).toEqual(['resend', 'count-as-sent', 'give-up']);
    expect(await offered(unknown, ops.viewer)).toEqual([]);
    await ops.do(pathOf(failed, 'give-up'));
    expect(await offered(failed)).toEqual(['resend']);
    await ops.do(pathOf(failed, 'resend'));
    expect(await offered(failed)).toEqual([]);
  });

  it('is refused to viewers and recorded, with a valid form or without', async () => {
    const alert = await oneRefused();
    const { browser, name } = ops.viewer;
    const form = { requestId: randomUUID(), reason: 'می‌خواهم بفرستم' };
    for (const action of ['resend', 'give-up', 'count-as-sent']) {
      const path = pathOf(alert, action);
      const answers = [
        await browser.get(path),
        await browser.post(path, form),
        await ops.app.api.app.inject({ method: 'POST', url: path, cookies: { 'ablagh-ops': browser.token } }),
      ];
      for (const { statusCode } of answers) expect(statusCode).toBe(403);
      expect((await ops.records()).slice(-3)).toEqual(
        Array(3).fill({
          operator: name,
          action,
          subject: `alert:${alert.alertId}`,
          outcome: 'refused',
          touched: 0,
          reason: null,
        }),
      );
    }
    expect(await stateOf(alert)).toBe('failed');
    expect(await listedOf(ops.db, [alert])).toHaveLength(1);
  });

  it('is refused for a forged form and without a session', async () => {
    const alert = await oneRefused();
    const path = pathOf(alert, 'resend');
    const form = { ...hiddenFields((await ops.operator.browser.get(path)).body), reason: 'دلیل درست' };
    expect((await ops.operator.browser.post(path, { ...form, csrf: 'forged' })).statusCode).toBe(403);
    const cross = await ops.operator.browser.post(path, form, { 'sec-fetch-site': 'cross-site' });
    expect(cross.statusCode).toBe(403);
    const stranger = await ops.app.api.app.inject({ method: 'POST', url: path });
    expect(stranger.headers.location).toBe('/ops/login');
    expect(await stateOf(alert)).toBe('failed');
  });

  it('is refused without a valid reason, and the form keeps the typed text', async () => {
    const alert = await oneRefused();
    for (const reason of ['', '  ', 'او', 'ب'.repeat(301), 'شماره ۰۹۱۲۱۲۳۴۵۶۷', 'x@y.example']) {
      const answer = await ops.do(pathOf(alert, 'resend'), { reason });
      expect([reason, answer.statusCode]).toEqual([reason, 400]);
      expect(answer.body).toContain('aria-invalid="true"');
    }
    const kept = await ops.do(pathOf(alert, 'resend'), { reason: 'او"><b>' });
    expect(kept.statusCode).toBe(303);
    expect(await follow(kept)).toContain('او"><b>');
  });

  it('is refused for a foreign form and for an alert that does not exist', async () => {
    const alert = await oneRefused();
    for (const requestId of ['', '1', "x' OR 1=1"]) {
      expect((await ops.do(pathOf(alert, 'resend'), { requestId })).statusCode).toBe(400);
    }
    for (const id of ['0', 'x', '9'.repeat(18), '9'.repeat(30)]) {
      expect((await ops.operator.browser.get(`/ops/alerts/${id}/resend`)).statusCode).toBe(404);
    }
    expect((await ops.operator.browser.get(`/ops/alerts/${alert.alertId}/destroy`)).statusCode).toBe(404);
    expect(await stateOf(alert)).toBe('failed');
  });
});
