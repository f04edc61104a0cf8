import { createCallbacks } from '../../../core/alerts/callbacks';
import { cancelQueuedAlerts } from '../../../core/alerts/cancel-queued-alerts';
import { countAsSent, giveUp } from '../../../core/alerts/end-alerts';
import { resendAlerts } from '../../../core/alerts/resend-alerts';
import { createSenderNoticeReader } from '../../../core/notices/sender-notice-view';
import { confirmCallbacks } from '../../../workers/confirm-callbacks';
import { sendSms } from '../../../workers/sms/send-sms';
import {
  type AlertDesk,
  createAlertDesk,
  mobiles,
  outboxIds,
  type TestAlert,
} from '../../support/alert-desk';
import { forceAlertState } from '../../support/alert-states';
import { emailOfUnknownFate, listedOf, refusedSms, sendAgain } from '../../support/dead-alerts';
import { useWorkersScene } from '../../workers/scene';

const HOUR = 3600;
const scene = useWorkersScene();

const idsOf = (alerts: TestAlert[]) => alerts.map(({ alertId }) => alertId);
const resend = (alerts: TestAlert[]) => scene.db.transaction((trx) => resendAlerts(trx, idsOf(alerts), 72));
const lastEvent = async (alert: TestAlert) => (await scene.desk.events(alert)).at(-1);
const sentSms = async (mobile: string): Promise<TestAlert> => {
  const [alert] = (await scene.desk.accept([mobile])) as [TestAlert];
  await sendSms(scene.providers.sendSmsDeps(scene.db), 'sms-normal', [alert.outboxId]);
  return alert;
};
const workOf = (alerts: TestAlert[]) =>
  scene.db.query<{ queue: string; ids: string[] }>(
    `SELECT queue, subject_ids AS ids FROM outbox WHERE subject_ids && $1::bigint[] ORDER BY id`,
    [idsOf(alerts)],
  );

describe('resending a dead alert', () => {
  it('sends exactly one new SMS, as a new attempt beside the old one', async () => {
    const [alert] = (await refusedSms(scene.db, scene.desk, scene.providers)) as [TestAlert];
    await scene.db.query(`UPDATE alerts SET address = '+989121112221' WHERE id = $1`, [alert.alertId]);
    expect(await resend([alert])).toBe(1);
    expect(await scene.desk.states([alert])).toEqual(['queued']);
    expect(await listedOf(scene.db, [alert])).toEqual([]);
    await sendAgain(scene.db, scene.providers, [alert]);
    await sendAgain(scene.db, scene.providers, [alert]);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(scene.providers.kavenegar.messages()).toHaveLength(1);
    expect(await scene.desk.attempts(alert)).toMatchObject([
      { outcome: 'rejected', code: '411' },
      { outcome: 'accepted' },
    ]);
    expect((await scene.desk.events(alert)).map(({ type }) => type)).toEqual(['alert.failed', 'alert.sent']);
  });

  it('gives it a new time to live', async () => {
    const [alert] = (await refusedSms(scene.db, scene.desk, scene.providers)) as [TestAlert];
    await scene.desk.age([alert], 90 * HOUR);
    await resend([alert]);
    const [row] = await scene.db.query<{ hours: number }>(
      'SELECT extract(epoch FROM expires_at - now())::float8 / 3600 AS hours FROM alerts WHERE id = $1',
      [alert.alertId],
    );
    expect(row?.hours).toBeCloseTo(72, 1);
  });

  it('keeps the time at which a provider first accepted it', async () => {
    const alert = await sentSms('09121112223');
    await scene.desk.age([alert], HOUR);
    const sentAt = async () =>
      (await createSenderNoticeReader(scene.db).read(alert.noticeId, scene.desk.source.id))?.sentAt;
    const first = await sentAt();
    await scene.db.query(`UPDATE alerts SET state = 'failed' WHERE id = $1`, [alert.alertId]);
    await resend([alert]);
    await sendAgain(scene.db, scene.providers, [alert]);
    expect(await scene.desk.attempts(alert)).toHaveLength(2);
    expect(await sentAt()).toBe(first);
  });

  it('closes a late report on the attempt before as matched, and changes nothing', async () => {
    const alert = await sentSms('09121112227');
    const [first] = await scene.desk.attempts(alert);
    await scene.db.query(`UPDATE alerts SET state = 'failed' WHERE id = $1`, [alert.alertId]);
    await resend([alert]);
    await sendAgain(scene.db, scene.providers, [alert]);
    await createCallbacks(scene.db).record(first?.messageId as string, 10);
    await scene.db.query(`UPDATE sms_callbacks SET received_at = now() - interval '1 hour'`);
    const due = await scene.db.query<{ id: string }>(`SELECT id FROM outbox WHERE queue = 'sms-callbacks'`);
    await confirmCallbacks(
      scene.providers.receiptDeps(scene.db),
      due.map(({ id }) => id),
    );
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await scene.db.query('SELECT matched FROM sms_callbacks')).toEqual([{ matched: true }]);
  });

  it('leaves out alerts that are queued, sending, sent or looked up by workers', async () => {
    const [waiting] = (await scene.desk.accept(['09121112224'])) as [TestAlert];
    const sent = await sentSms('09121112225');
    const doubtful = await sentSms('09990000003');
    const [sending] = (await scene.desk.accept(['09121112226'])) as [TestAlert];
    await scene.db.query(`UPDATE alerts SET state = 'sending', claimed_at = now() WHERE id = $1`, [
      sending.alertId,
    ]);
    const all = [waiting, sent, doubtful, sending];
    const before = await scene.desk.states(all);
    expect(before).toEqual(['queued', 'sent', 'unknown', 'sending']);
    const work = await workOf(all);
    expect(await resend(all)).toBe(0);
    expect(await scene.desk.states(all)).toEqual(before);
    expect(await workOf(all)).toEqual(work);
  });

  it('puts many alerts into sets, each in its own lane', async () => {
    // Sending so many refused messages takes a call for each, and longer than a send may take on a busy machine.
    const alerts = await scene.desk.accept(mobiles(250));
    await forceAlertState(scene.db, idsOf(alerts), 'failed');
    await scene.db.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [outboxIds(alerts)]);
    const email = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    expect(await resend([...alerts, email])).toBe(251);
    const work = await workOf([...alerts, email]);
    expect(work.map(({ queue, ids }) => [queue, ids.length]).sort()).toEqual([
      ['email-normal', 1],
      ['sms-normal', 200],
      ['sms-normal', 50],
    ]);
  });

  it('queues the alert once when it is done twice at once', async () => {
    const [alert] = (await refusedSms(scene.db, scene.desk, scene.providers)) as [TestAlert];
    const counts = await Promise.all(Array.from({ length: 5 }, () => resend([alert])));
    expect(counts.reduce((sum, count) => sum + count)).toBe(1);
    expect(await workOf([alert])).toHaveLength(1);
  });
});

describe('deciding about an unknown alert', () => {
  it('counts it as sent', async () => {
    const alert = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    expect(await countAsSent(scene.db, [alert.alertId], 'sara')).toBe(1);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await listedOf(scene.db, [alert])).toEqual([]);
    expect(await lastEvent(alert)).toEqual({
      type: 'alert.sent',
      actor: 'operator:sara',
      data: { channel: 'email', cost: null, decidedBy: 'operator', parts: null, providerMessageId: null },
    });
    const report = await createSenderNoticeReader(scene.db).read(alert.noticeId, scene.desk.source.id);
    expect(report).toMatchObject({ state: 'sent', alerts: [{ state: 'sent' }] });
    expect(report?.sentAt).not.toBeNull();
    expect(await scene.desk.attempts(alert)).toMatchObject([{ outcome: 'unknown' }]);
  });

  it('gives it up as failed', async () => {
    const alert = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    expect(await giveUp(scene.db, [alert.alertId], 'sara')).toBe(1);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
    expect(await listedOf(scene.db, [alert])).toEqual([]);
    expect(await lastEvent(alert)).toMatchObject({
      type: 'alert.failed',
      actor: 'operator:sara',
      data: { channel: 'email', code: 'given_up', decidedBy: 'operator' },
    });
  });

  it('resends it', async () => {
    const alert = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    expect(await resend([alert])).toBe(1);
    await sendAgain(scene.db, scene.providers, [alert]);
    expect(await scene.desk.attempts(alert)).toHaveLength(2);
  });

  it('changes nothing once another operator has decided', async () => {
    const alert = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    await countAsSent(scene.db, [alert.alertId], 'sara');
    const events = await scene.desk.events(alert);
    expect(await giveUp(scene.db, [alert.alertId], 'omid')).toBe(0);
    expect(await countAsSent(scene.db, [alert.alertId], 'omid')).toBe(0);
    expect(await resend([alert])).toBe(0);
    expect(await scene.desk.states([alert])).toEqual(['sent']);
    expect(await scene.desk.events(alert)).toEqual(events);
  });

  it('changes nothing while a worker holds it', async () => {
    const alert = await emailOfUnknownFate(scene.db, scene.desk, scene.providers);
    await scene.db.transaction(async (trx) => {
      await trx.query('SELECT FROM alerts WHERE id = $1 FOR UPDATE', [alert.alertId]);
      expect(await countAsSent(scene.db, [alert.alertId], 'sara')).toBe(0);
      expect(await giveUp(scene.db, [alert.alertId], 'sara')).toBe(0);
      expect(await resend([alert])).toBe(0);
    });
    expect(await listedOf(scene.db, [alert])).toHaveLength(1);
  });
});

describe('an SMS that is not a notice’s own alert', () => {
  it('can be decided in the same way, without an event in the timeline', async () => {
    const [first, second] = [
      await emailOfUnknownFate(scene.db, scene.desk, scene.providers),
      await emailOfUnknownFate(scene.db, scene.desk, scene.providers),
    ];
    await scene.db.query(`UPDATE alerts SET text = 'about an inquiry' WHERE id = ANY($1::bigint[])`, [
      idsOf([first, second]),
    ]);
    const before = [await scene.desk.events(first), await scene.desk.events(second)];
    expect(await countAsSent(scene.db, [first.alertId], 'sara')).toBe(1);
    expect(await giveUp(scene.db, [second.alertId], 'sara')).toBe(1);
    expect(await scene.desk.states([first, second])).toEqual(['sent', 'failed']);
    expect([await scene.desk.events(first), await scene.desk.events(second)]).toEqual(before);
  });
});

describe('giving up a failed alert', () => {
  it('removes it from the dead letters and changes nothing else', async () => {
    const [alert] = (await refusedSms(scene.db, scene.desk, scene.providers)) as [TestAlert];
    const events = await scene.desk.events(alert);
    expect(await giveUp(scene.db, [alert.alertId], 'sara')).toBe(1);
    expect(await giveUp(scene.db, [alert.alertId], 'sara')).toBe(0);
    expect(await listedOf(scene.db, [alert])).toEqual([]);
    expect(await scene.desk.states([alert])).toEqual(['failed']);
    expect(await scene.desk.events(alert)).toEqual(events);
  });
});

describe('cancelling the queued alerts of a source system', () => {
  const FAR = '9000000000000000';
  const cancel = (source: AlertDesk['source'], upTo = FAR) =>
    scene.db.transaction((trx) => cancelQueuedAlerts(trx, source.id, upTo, 'sara'));

  it('keeps them from being sent, also when their set was published already', async () => {
    const own = await createAlertDesk(scene.db);
    const alerts = await own.accept(mobiles(6), { together: true });
    const published = [...new Set(outboxIds(alerts))];
    expect(published).toHaveLength(1);
    expect(await cancel(own.source)).toBe(6);
    await sendSms(scene.providers.sendSmsDeps(scene.db), 'sms-normal', published);
    expect(scene.providers.kavenegar.calls()).toBe(0);
    expect(new Set(await own.states(alerts))).toEqual(new Set(['cancelled']));
    expect(await workOf(alerts)).toEqual([]);
  });

  it('adds an event to the feed and the timeline, as a failure', async () => {
    const own = await createAlertDesk(scene.db);
    const [alert] = (await own.accept(['09121113333'])) as [TestAlert];
    await cancel(own.source);
    expect(await lastEvent(alert)).toEqual({
      type: 'alert.failed',
      actor: 'operator:sara',
      data: { channel: 'sms', code: 'cancelled', reason: 'an operator took it back' },
    });
    const report = await createSenderNoticeReader(scene.db).read(alert.noticeId, own.source.id);
    expect(report?.alerts).toMatchObject([{ state: 'cancelled' }]);
  });

  it('leaves out alerts that are sending, were sent, came later, or belong to another system', async () => {
    const own = await createAlertDesk(scene.db);
    const other = await createAlertDesk(scene.db);
    const sent = await sentSms('09121114444');
    const [foreign] = (await other.accept(['09121115555'])) as [TestAlert];
    const [sending, waiting, later] = (await own.accept(mobiles(3, 40), { together: true })) as [
      TestAlert,
      TestAlert,
      TestAlert,
    ];
    await scene.db.query(
      `UPDATE alerts SET state = 'sending', attempt_id = 1, claimed_at = now() WHERE id = $1`,
      [sending.alertId],
    );
    expect(await cancel(own.source, waiting.alertId)).toBe(1);
    expect(await own.states([sending, waiting, later, sent, foreign])).toEqual([
      'sending',
      'cancelled',
      'queued',
      'sent',
      'queued',
    ]);
    const [work] = await workOf([sending]);
    expect(work?.ids.toSorted()).toEqual([sending.alertId, later.alertId].toSorted());
  });

  it('leaves the alerts of other systems in a shared set', async () => {
    const own = await createAlertDesk(scene.db);
    const other = await createAlertDesk(scene.db);
    const [mine] = (await own.accept(['09121116666'])) as [TestAlert];
    const [theirs] = (await other.accept(['09121117777'])) as [TestAlert];
    await scene.db.query(
      `WITH gone AS (DELETE FROM outbox WHERE id = $1)
       UPDATE outbox SET subject_ids = $3::bigint[] WHERE id = $2`,
      [mine.outboxId, theirs.outboxId, [mine.alertId, theirs.alertId]],
    );
    expect(await cancel(own.source)).toBe(1);
    expect(await workOf([theirs])).toMatchObject([{ ids: [theirs.alertId] }]);
    await sendAgain(scene.db, scene.providers, [theirs]);
    expect(scene.providers.kavenegar.messages().map(({ receptor }) => receptor)).toEqual(['09121117777']);
  });

  it('either cancels or sends each alert when both run at the same time', async () => {
    const own = await createAlertDesk(scene.db);
    const alerts = await own.accept(mobiles(120, 5_000), { together: true });
    const [, cancelled] = await Promise.all([
      sendAgain(scene.db, scene.providers, alerts),
      cancel(own.source),
    ]);
    await sendAgain(scene.db, scene.providers, alerts);
    const states = await own.states(alerts);
    expect(states.filter((state) => state === 'cancelled')).toHaveLength(cancelled);
    expect(states.filter((state) => state === 'sent')).toHaveLength(120 - cancelled);
    expect(scene.providers.kavenegar.messages()).toHaveLength(120 - cancelled);
  });
});
