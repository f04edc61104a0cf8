import { createCallbacks } from '../../../core/alerts/callbacks';
import { createRefusals } from '../../../core/notices/refusals';
import { Refusal } from '../../../core/platform/errors';
import { listedOf } from '../../support/dead-alerts';
import { addSource, aNotice } from '../../support/fixtures';
import { acceptAll } from '../../support/inbox';
import { textOf } from '../owner';
import { hiddenFields, useOpsConsole } from './ops-console';

const ops = useOpsConsole();
const REFUSED = '/ops/dead-letters/alerts/sms/failed/411';

const see = async (path: string) => {
  const answer = await ops.operator.browser.get(path);
  return { ...answer, statusCode: answer.statusCode, text: textOf(answer.body), body: answer.body };
};
const refuse = async (code: string, reference: string | null = null, known = true) => {
  const { caller } = await addSource(ops.db);
  await createRefusals(ops.db).record([
    {
      door: 'queue',
      source: known ? { id: caller.sourceId, code: caller.sourceCode } : null,
      keyId: caller.keyId,
      reference,
      refusal: new Refusal(code, `The notice was refused: ${code}.`),
    },
  ]);
  return caller;
};
const aStrayCallback = async (messageId: string) => {
  await createCallbacks(ops.db).record(messageId, 10);
  await ops.db.query('UPDATE sms_callbacks SET matched = false WHERE provider_message_id = $1', [messageId]);
};

describe('the list of dead letters', () => {
  it('is empty without dead letters', async () => {
    expect((await see('/ops/dead-letters')).text).toContain('چیزی نمانده است');
  });

  it('groups everything by cause, with count, start and remedy', async () => {
    await ops.refusedSms(3);
    await ops.unknownEmail();
    await refuse('no_service_agreement', 'REF-1');
    await refuse('bad_signature', null, false);
    await aStrayCallback('stray-1');
    const { text, body } = await see('/ops/dead-letters');
    expect(text).toContain('پیامک: نرسید شماره گیرنده درست نیست. کد 411 ۳');
    expect(text).toContain('ایمیل: سرنوشت نامعلوم');
    expect(text).toContain('کارگاه تفاهم‌نامه ابلاغ الکترونیک ندارد');
    expect(text).toContain('سامانه مبدأ باید کاغذی ابلاغ کند');
    expect(text).toContain('کار با امضای نادرست');
    expect(text).toContain('گزارش تحویلی که با هیچ پیام ما جور نبود');
    expect(body).toContain(`href="${REFUSED}"`);
  });

  it('can be read by viewers, without any action', async () => {
    await ops.refusedSms();
    const { body } = await ops.viewer.browser.get(REFUSED);
    expect(body).toContain('/ops/notices/');
    expect(body).not.toContain(`${REFUSED}/`);
  });
});

describe('a group of alerts', () => {
  it('shows the newest alerts, each with a link to its notice', async () => {
    const alerts = await ops.refusedSms(55);
    const { text, body } = await see(REFUSED);
    expect(body).toContain(`/ops/notices/${alerts.at(-1)?.noticeId}`);
    expect(body.match(/href="\/ops\/notices\//g)).toHaveLength(50);
    expect(text).toContain('۵۰ موردِ تازه‌تر');
    expect(body).not.toContain('09990000411');
  });

  it('is resent as a whole after a preview, without alerts that came later', async () => {
    const alerts = await ops.refusedSms(2);
    const [before] = await ops.db.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM dead_alerts WHERE channel = $$sms$$',
    );
    const path = `${REFUSED}/resend`;
    const shown = await see(path);
    expect(shown.text).toContain('به این‌ها دست می‌زند');
    expect(shown.body.match(/href="\/ops\/notices\//g)).toHaveLength(5);
    const later = await ops.refusedSms(1);
    const form = { ...hiddenFields(shown.body), reason: 'خط درست شد' };
    const answer = await ops.operator.browser.post(path, form);
    expect(await ops.desk.states([...alerts, ...later])).toEqual(['queued', 'queued', 'failed']);
    expect(await ops.lastRecord()).toMatchObject({
      action: 'resend',
      subject: 'dead-alerts:sms/failed/411',
      outcome: 'done',
      touched: before?.count,
    });
    const after = await see(String(answer.headers.location));
    expect(after.text).toContain('انجام شد و ثبت شد');
    expect(after.text).toContain('۱ مورد مانده است');
    const again = await ops.operator.browser.post(path, form);
    expect(again.headers.location).toBe(answer.headers.location);
    expect(await ops.desk.states(later)).toEqual(['failed']);
  });

  it('is given up as a whole', async () => {
    const alerts = await ops.refusedSms(2);
    await ops.do(`${REFUSED}/give-up`);
    expect(await listedOf(ops.db, alerts)).toEqual([]);
    expect((await see(REFUSED)).text).toContain('چیزی نمانده است');
    const nothing = await see(`${REFUSED}/give-up`);
    expect(nothing.statusCode).toBe(409);
    expect(nothing.text).toContain('در این میان به همه رسیدگی شده است');
  });

  it('with unknown outcome warns that a resent message may arrive twice', async () => {
    const alert = await ops.unknownEmail();
    const [listed] = await listedOf(ops.db, [alert]);
    const path = `/ops/dead-letters/alerts/email/unknown/${listed?.cause}`;
    expect((await see(`${path}/resend`)).text).toContain('دو بار بگیرد');
    await ops.do(`${path}/count-as-sent`);
    expect(await ops.desk.states([alert])).toEqual(['sent']);
  });

  it('is not found when it does not exist or the action is not allowed', async () => {
    for (const path of [
      '/ops/dead-letters/alerts/fax/failed/411',
      '/ops/dead-letters/alerts/sms/sent/411',
      `${REFUSED}/count-as-sent`,
    ])
      expect([path, (await see(path)).statusCode]).toEqual([path, 404]);
  });

  it('shows an unknown cause as text, also HTML', async () => {
    const cause = '<script>alert(1)</script>';
    const alert = await ops.unknownEmail();
    await ops.db.query('UPDATE dead_alerts SET cause = $2 WHERE alert_id = $1', [alert.alertId, cause]);
    const list = await see('/ops/dead-letters');
    expect(list.body).not.toContain('<script>alert');
    const group = await see(`/ops/dead-letters/alerts/email/unknown/${encodeURIComponent(cause)}`);
    expect(group.body).not.toContain('<script>alert');
    expect(group.text).toContain(cause);
    expect(group.body).toContain(`/ops/notices/${alert.noticeId}`);
  });
});

describe('refused notices', () => {
  it('are listed with source and reason, and acknowledged together', async () => {
    const caller = await refuse('invalid_mobile', 'REF-9');
    const path = '/ops/dead-letters/refusals/invalid_mobile';
    const { text } = await see(path);
    expect(text).toContain('REF-9');
    expect(text).toContain(caller.keyId);
    expect(text).toContain('The notice was refused: invalid_mobile.');
    await ops.do(`${path}/deal-with`);
    expect(await ops.lastRecord()).toMatchObject({
      action: 'deal-with',
      subject: 'refusals:invalid_mobile',
      outcome: 'done',
      touched: 1,
    });
    expect((await see(path)).text).toContain('چیزی نمانده است');
    expect((await see('/ops/dead-letters')).text).not.toContain('شماره موبایل درست نبود');
  });

  it('are acknowledged ten thousand at a time, and the page shows how many are left', async () => {
    await ops.db.query(
      `INSERT INTO refusals (door, code, detail) SELECT 'batch', 'unknown_workshop', 'none' FROM generate_series(1, 10002)`,
    );
    const path = '/ops/dead-letters/refusals/unknown_workshop';
    expect((await see(`${path}/deal-with`)).text).toContain('۱۰۰۰۰ مکاتبه ردشده از ۱۰۰۰۲');
    const answer = await ops.do(`${path}/deal-with`);
    expect(await ops.lastRecord()).toMatchObject({ outcome: 'done', touched: 10_000 });
    expect((await see(String(answer.headers.location))).text).toContain('۲ مورد مانده است');
  });

  it('and alerts show no personal data in their messages', async () => {
    const [alert] = await ops.refusedSms();
    await ops.db.query(`UPDATE alerts SET reason = 'no such user <who@secret.example>' WHERE id = $1`, [
      alert?.alertId,
    ]);
    await ops.db.query(`UPDATE dead_alerts SET cause = '499' WHERE alert_id = $1`, [alert?.alertId]);
    expect((await see('/ops/dead-letters/alerts/sms/failed/499')).text).toContain('w***@secret.example');
    await refuse('invalid_email', 'REF-7');
    await ops.db.query(`UPDATE refusals SET detail = 'of 0499370899' WHERE reference = 'REF-7'`);
    expect((await see('/ops/dead-letters/refusals/invalid_email')).text).toContain('of 0499***899');
  });

  it('link to the notice that was accepted under the same reference', async () => {
    const { caller } = await addSource(ops.db);
    const [id] = await acceptAll(ops.db, caller, [aNotice({ reference: 'SAME-1' })]);
    await createRefusals(ops.db).record([
      {
        door: 'http',
        source: { id: caller.sourceId, code: caller.sourceCode },
        keyId: caller.keyId,
        reference: 'SAME-1',
        refusal: new Refusal('reference_conflict', 'This reference was accepted before.'),
      },
    ]);
    expect((await see('/ops/dead-letters/refusals/reference_conflict')).body).toContain(`/ops/notices/${id}`);
  });

  it('are not acknowledged by a form with an invalid instant', async () => {
    await refuse('too_large');
    const path = '/ops/dead-letters/refusals/too_large/deal-with';
    for (const seen of ['', 'now', '2026-13-41T00:00:00.000Z'])
      expect([seen, (await ops.do(path, { seen })).statusCode]).toEqual([seen, 400]);
    expect((await see('/ops/dead-letters/refusals/too_large')).text).toContain('۱ مورد مانده است');
  });
});

describe('delivery reports that match nothing', () => {
  it('are listed and acknowledged, without the reports that match', async () => {
    await aStrayCallback('stray-2');
    await createCallbacks(ops.db).record('ours', 10);
    const path = '/ops/dead-letters/callbacks';
    const { text } = await see(path);
    expect(text).toContain('stray-2');
    expect(text).not.toContain('ours');
    expect(text).toContain('۱۰ (تحویل شد)');
    await ops.do(`${path}/deal-with`);
    expect((await see(path)).text).toContain('چیزی نمانده است');
    expect(await ops.lastRecord()).toMatchObject({ action: 'deal-with', subject: 'callbacks' });
  });
});

describe('viewers', () => {
  it('are refused every action, and each attempt is recorded', async () => {
    for (const [path, subject] of [
      [`${REFUSED}/resend`, 'dead-alerts:sms/failed/411'],
      ['/ops/dead-letters/refusals/too_large/deal-with', 'refusals:too_large'],
      ['/ops/dead-letters/callbacks/deal-with', 'callbacks'],
    ] as const) {
      expect((await ops.viewer.browser.post(path, { reason: 'دلیل' })).statusCode).toBe(403);
      expect(await ops.lastRecord()).toMatchObject({
        operator: ops.viewer.name,
        subject,
        outcome: 'refused',
      });
    }
  });
});
