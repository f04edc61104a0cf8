import { NotSent } from '../../core/channels/outcomes';
import { checkReceipts } from '../../workers/check-receipts';
import { sendSms } from '../../workers/sms/send-sms';
import { mobiles, outboxIds, type TestAlert } from '../support/alert-desk';
import { useWorkersScene } from './scene';

const LATE = '09990000010';

const scene = useWorkersScene();

async function sent(numbers: string[]): Promise<TestAlert[]> {
  const alerts = await scene.desk.accept(numbers);
  await sendSms(scene.providers.sendSmsDeps(scene.db), 'sms-normal', outboxIds(alerts));
  return alerts;
}
const check = (alerts: TestAlert[]) =>
  checkReceipts(scene.providers.receiptDeps(scene.db), outboxIds(alerts));
const lastEvent = async (alert: TestAlert) => (await scene.desk.events(alert)).at(-1);

describe('a check for delivery reports', () => {
  it('asks about a whole set in one call, and settles each alert', async () => {
    const alerts = await sent([...mobiles(97), LATE, '09990000011', '09990000014']);
    await check(alerts);
    expect(scene.providers.kavenegar.calls('sms/status')).toBe(1);
    const states = await scene.desk.states(alerts);
    expect(new Set(states.slice(0, 97))).toEqual(new Set(['delivered']));
    expect(states.slice(97)).toEqual(['sent', 'failed', 'failed']);
    expect(await lastEvent(alerts[0] as TestAlert)).toMatchObject({ type: 'alert.delivered' });
    expect(await lastEvent(alerts[99] as TestAlert)).toMatchObject({
      type: 'alert.failed',
      data: { channel: 'sms', code: '14', reason: expect.stringContaining('blocks') },
    });
    expect(await scene.desk.work(alerts[0] as TestAlert)).toBeNull();
    expect(await scene.desk.work(alerts[97] as TestAlert)).toMatchObject({ queue: 'sms-receipts' });
  });

  it('has one effect when it runs twice', async () => {
    const alerts = await sent(mobiles(3));
    await check(alerts);
    await check(alerts);
    expect(scene.providers.kavenegar.calls('sms/status')).toBe(1);
    expect((await scene.desk.events(alerts[0] as TestAlert)).map(({ type }) => type)).toEqual([
      'alert.sent',
      'alert.delivered',
    ]);
  });

  it('has one effect when it runs many times at once', async () => {
    const alerts = await sent(mobiles(20));
    await Promise.all(Array.from({ length: 4 }, () => check(alerts)));
    for (const alert of alerts) expect(await scene.desk.events(alert)).toHaveLength(2);
  });

  it('never fails a message that the provider does not know', async () => {
    const alerts = await sent(['09990000100']);
    await check(alerts);
    expect(await scene.desk.states(alerts)).toEqual(['unknown']);
    expect(await lastEvent(alerts[0] as TestAlert)).toMatchObject({ type: 'alert.unknown' });
  });

  it('ends after 48 hours without a delivery report', async () => {
    const alerts = await sent([LATE]);
    await scene.desk.age(alerts, 48 * 3600);
    await check(alerts);
    expect(await scene.desk.states(alerts)).toEqual(['unknown']);
    expect(await scene.desk.reason(alerts[0] as TestAlert)).toBe('no delivery report came within 48 hours');
  });

  it('comes again for a message that the answer leaves out', async () => {
    const alerts = await sent(mobiles(1));
    const forgetful = { ...scene.providers.sms, statuses: async () => new Map() };
    await checkReceipts({ ...scene.providers.receiptDeps(scene.db), lines: [forgetful] }, outboxIds(alerts));
    expect(await scene.desk.states(alerts)).toEqual(['sent']);
    expect((await scene.desk.work(alerts[0] as TestAlert))?.runIn).toBeGreaterThan(50);
  });

  it('fails while the provider is away, and changes nothing', async () => {
    const alerts = await sent(mobiles(2));
    await scene.providers.close();
    await expect(check(alerts)).rejects.toBeInstanceOf(NotSent);
    expect(await scene.desk.states(alerts)).toEqual(['sent', 'sent']);
    expect(await scene.desk.work(alerts[0] as TestAlert)).toMatchObject({ queue: 'sms-receipts' });
  });

  it('removes the work of alerts that are settled already, and no other work', async () => {
    const [known] = (await sent(mobiles(1))) as [TestAlert];
    await scene.db.query(`UPDATE alerts SET state = 'delivered' WHERE id = $1`, [known.alertId]);
    await check([known]);
    expect(await scene.desk.work(known)).toBeNull();
    expect(scene.providers.kavenegar.calls('sms/status')).toBe(0);
    const [waiting] = (await scene.desk.accept(mobiles(1))) as [TestAlert];
    await check([waiting]);
    expect(await scene.desk.work(waiting)).toMatchObject({ queue: 'sms-normal' });
  });
});
