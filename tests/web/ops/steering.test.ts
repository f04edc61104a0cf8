import { createLanePauses } from '../../../core/channels/lane-pauses';
import { createLines } from '../../../core/channels/lines';
import { createMeasurements } from '../../../core/monitoring/measure/measurements';
import { sendSms } from '../../../workers/sms/send-sms';
import { createAlertDesk, mobiles, outboxIds } from '../../support/alert-desk';
import { textOf } from '../owner';
import { hiddenFields, useOpsConsole } from './ops-console';

const ops = useOpsConsole();
const STEERING = '/ops/steering';

const see = async (path = STEERING) => textOf((await ops.operator.browser.get(path)).body);
const pauses = async () =>
  (await createLanePauses(ops.db).list()).map(({ channel, lane }) => `${channel}-${lane}`);
const line = async (name = 'kavenegar') =>
  (await createLines(ops.db).list()).find((one) => one.name === name);

describe('the steering page', () => {
  it('shows every line and lane with its state and reason', async () => {
    await createLines(ops.db).disable('kavenegar', 'closed', '499', 'the API key is not <b>valid</b>');
    await createLanePauses(ops.db).pause('email', 'bulk', 'sara', 'تا پایان نگهداری');
    const outbox = [{ queue: 'sms-bulk' as const, due: 512_345, oldestSeconds: 60 }];
    await createMeasurements(ops.db).store({ outbox });
    const text = await see();
    expect(text).toContain('پیامک انبوه ۵۱۲۳۴۵');
    expect(text).toContain('the API key is not <b>valid</b> کد 499');
    expect(text).toContain('smtp');
    expect(text).toContain('sara : تا پایان نگهداری');
    await createLines(ops.db).open('kavenegar');
    await createLanePauses(ops.db).resume('email', 'bulk');
  });

  it('offers viewers no action', async () => {
    const { body } = await ops.viewer.browser.get(STEERING);
    expect(body).toContain('kavenegar');
    expect(body).not.toContain(`href="${STEERING}/`);
  });
});

describe('pausing a lane', () => {
  it('and resuming it are recorded with operator and reason', async () => {
    await ops.desk.accept(mobiles(2, 70), { lane: 'bulk' });
    const path = `${STEERING}/lanes/sms/bulk/pause`;
    expect(await see(path)).toContain('۲ هشدار که اکنون منتظر است');
    await ops.do(path, { reason: 'متن پیامک‌ها نادرست است' });
    expect(await createLanePauses(ops.db).list()).toMatchObject([
      { channel: 'sms', lane: 'bulk', operator: ops.operator.name, reason: 'متن پیامک‌ها نادرست است' },
    ]);
    expect(await ops.lastRecord()).toMatchObject({ action: 'pause', subject: 'lane:sms/bulk', touched: 1 });
    await ops.do(`${STEERING}/lanes/sms/bulk/resume`);
    expect(await pauses()).toEqual([]);
    expect(await ops.lastRecord()).toMatchObject({ action: 'resume', subject: 'lane:sms/bulk', touched: 1 });
  });

  it('is possible for a whole channel', async () => {
    await ops.do(`${STEERING}/lanes/email/urgent/pause`);
    await ops.do(`${STEERING}/lanes/email/all/pause`);
    expect(await ops.lastRecord()).toMatchObject({ subject: 'lane:email/all', touched: 2 });
    expect((await pauses()).sort()).toEqual(['email-bulk', 'email-normal', 'email-urgent']);
    await ops.do(`${STEERING}/lanes/email/all/resume`);
    expect(await pauses()).toEqual([]);
  });

  it('is refused when the lane is paused already', async () => {
    const path = `${STEERING}/lanes/sms/normal/pause`;
    const form = { ...hiddenFields((await ops.operator.browser.get(path)).body), reason: 'دلیل من' };
    await createLanePauses(ops.db).pause('sms', 'normal', 'omid', 'دلیل او');
    const answer = await ops.operator.browser.post(path, form);
    expect(await see(String(answer.headers.location))).toContain('چیزی انجام نشد');
    expect(await createLanePauses(ops.db).list()).toMatchObject([{ operator: 'omid', reason: 'دلیل او' }]);
    expect((await ops.operator.browser.get(path)).statusCode).toBe(409);
    await createLanePauses(ops.db).resume('sms', 'normal');
  });

  it('is not found for unknown lanes', async () => {
    for (const lane of ['sms/slow', 'fax/bulk', 'sms/constructor'])
      expect((await ops.operator.browser.get(`${STEERING}/lanes/${lane}/pause`)).statusCode).toBe(404);
  });
});

describe('a line', () => {
  it('is opened when it is closed', async () => {
    await createLines(ops.db).disable('kavenegar', 'closed', '403', 'the API key is not valid');
    expect(await see(`${STEERING}/lines/kavenegar/open`)).toContain('کلید حساب ارائه‌دهنده درست نیست.');
    await ops.do(`${STEERING}/lines/kavenegar/open`);
    expect(await line()).toMatchObject({ state: 'open' });
    expect(await ops.lastRecord()).toMatchObject({
      action: 'open-line',
      subject: 'line:kavenegar',
      outcome: 'done',
    });
    expect((await ops.operator.browser.get(`${STEERING}/lines/kavenegar/open`)).statusCode).toBe(409);
  });

  it('gets another rate, or no limit', async () => {
    await ops.do(`${STEERING}/lines/kavenegar/rate`, { perSecond: '۲۵' });
    expect(await line()).toMatchObject({ perSecond: 25 });
    expect(await ops.lastRecord()).toMatchObject({ action: 'change-rate', subject: 'line:kavenegar' });
    await ops.do(`${STEERING}/lines/kavenegar/rate`, { perSecond: '' });
    expect(await line()).toMatchObject({ perSecond: null });
  });

  it('keeps its rate when the typed one is invalid', async () => {
    for (const perSecond of ['0', '-1', '1.5', 'ده', '100001', '1e3']) {
      const answer = await ops.do(`${STEERING}/lines/kavenegar/rate`, { perSecond });
      expect([perSecond, answer.statusCode]).toEqual([perSecond, 400]);
    }
    expect(await line()).toMatchObject({ perSecond: null });
  });

  it('keeps a rate that another operator has set meanwhile', async () => {
    const path = `${STEERING}/lines/kavenegar/rate`;
    const form = {
      ...hiddenFields((await ops.operator.browser.get(path)).body),
      reason: 'ماه پایان',
      perSecond: '9',
    };
    await createLines(ops.db).setRate('kavenegar', 40);
    const answer = await ops.operator.browser.post(path, form);
    expect(await see(String(answer.headers.location))).toContain('چیزی انجام نشد');
    expect(await line()).toMatchObject({ perSecond: 40 });
    await createLines(ops.db).setRate('kavenegar', null);
  });

  it('is not found when it does not exist', async () => {
    expect((await ops.operator.browser.get(`${STEERING}/lines/nothing/open`)).statusCode).toBe(404);
  });
});

describe('cancelling the unsent alerts of a source system', () => {
  it('shows their number and cancels them, and none is sent', async () => {
    const own = await createAlertDesk(ops.db);
    const alerts = await own.accept(mobiles(7, 300), { together: true });
    const path = `${STEERING}/sources/${own.source.code}/cancel`;
    const shown = await ops.operator.browser.get(path);
    expect(textOf(shown.body)).toContain('۷ هشدار که هنوز فرستاده نشده است');
    const [later] = await own.accept(['09121119999']);
    const answer = await ops.operator.browser.post(path, {
      ...hiddenFields(shown.body),
      reason: 'سامانه نامه‌ها را اشتباه فرستاد',
    });
    expect(await see(String(answer.headers.location))).toContain('انجام شد و ثبت شد (۷ مورد)');
    const before = ops.providers.kavenegar.calls();
    await sendSms(ops.providers.sendSmsDeps(ops.db), 'sms-normal', [...new Set(outboxIds(alerts))]);
    expect(ops.providers.kavenegar.calls()).toBe(before);
    expect(new Set(await own.states(alerts))).toEqual(new Set(['cancelled']));
    expect(await own.states([later as (typeof alerts)[0]])).toEqual(['queued']);
    expect(await ops.lastRecord()).toMatchObject({
      action: 'cancel',
      subject: `source:${own.source.code}`,
      touched: 7,
    });
  });

  it('is refused when nothing waits, and not found for an unknown system', async () => {
    const own = await createAlertDesk(ops.db);
    expect((await ops.operator.browser.get(`${STEERING}/sources/${own.source.code}/cancel`)).statusCode).toBe(
      409,
    );
    expect((await ops.operator.browser.get(`${STEERING}/sources/nobody/cancel`)).statusCode).toBe(404);
  });

  it('is refused for a foreign form', async () => {
    const own = await createAlertDesk(ops.db);
    const [alert] = await own.accept(['09121118888']);
    const answer = await ops.do(`${STEERING}/sources/${own.source.code}/cancel`, { seen: '1; DROP' });
    expect(answer.statusCode).toBe(400);
    expect(await own.states([alert as NonNullable<typeof alert>])).toEqual(['queued']);
  });
});

describe('viewers', () => {
  it('are refused every action, and each attempt is recorded', async () => {
    const { browser, name } = ops.viewer;
    for (const [path, action, subject] of [
      ['lanes/sms/all/pause', 'pause', 'lane:sms/all'],
      ['lanes/sms/all/resume', 'resume', 'lane:sms/all'],
      ['lines/kavenegar/open', 'open-line', 'line:kavenegar'],
      ['lines/kavenegar/rate', 'change-rate', 'line:kavenegar'],
      [`sources/${ops.desk.source.code}/cancel`, 'cancel', `source:${ops.desk.source.code}`],
    ] as const) {
      const answer = await browser.post(`${STEERING}/${path}`, { reason: 'دلیل', perSecond: '1' });
      expect([path, answer.statusCode]).toEqual([path, 403]);
      expect(await ops.lastRecord()).toMatchObject({ operator: name, action, subject, outcome: 'refused' });
    }
    expect(await pauses()).toEqual([]);
    expect(await line()).toMatchObject({ state: 'open', perSecond: null });
  });
});
