import { createAlerts } from '../../../core/alerts/alerts';
import { decideAfterSend } from '../../../core/alerts/decide-after-send';
import { decideAfterStatus } from '../../../core/alerts/decide-after-status';
import { createReceipts, type OpenMessage } from '../../../core/alerts/receipts';
import { describeStatus } from '../../../core/channels/kavenegar/return-codes';
import {
  type AlertDesk,
  createAlertDesk,
  mobiles,
  outboxIds,
  type TestAlert,
} from '../../support/alert-desk';
import { useDatabase } from '../../support/database';

const test = useDatabase();
let desk: AlertDesk;
const receipts = () => createReceipts(test.db);
let lastMessageId = 1_000;

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});

/** An alert the provider took, under a message id of its own. */
async function sent(): Promise<{ alert: TestAlert; messageId: string }> {
  const [alert] = (await desk.accept(mobiles(1))) as [TestAlert];
  const alerts = createAlerts(test.db, 'sms');
  lastMessageId += 1;
  const messageId = String(lastMessageId);
  const result = {
    outcome: 'accepted' as const,
    providerMessageId: messageId,
    code: '1',
    parts: 1,
    cost: 1_500,
  };
  const claimed = await alerts.claim('sms-normal', [alert.outboxId], 'kavenegar');
  await alerts.settle(
    'kavenegar',
    claimed.map((one) => ({
      alert: one,
      result,
      decision: decideAfterSend(result, { ...one, channel: 'sms', onUnknownEmail: 'park' }),
    })),
  );
  return { alert, messageId };
}

/** Returns how many alerts reached a new state. */
const settle = async (messages: OpenMessage[], status: number) => {
  const changes = await receipts().settle(
    'kavenegar',
    messages.map((message) => ({
      message,
      decision: decideAfterStatus(describeStatus(status), message.sentSecondsAgo),
    })),
  );
  return changes.length;
};
const due = (...alerts: TestAlert[]) => receipts().due(outboxIds(alerts));
const byId = (messageId: string) => receipts().byProviderIds([messageId]);
const eventTypes = async (alert: TestAlert) => (await desk.events(alert)).map(({ type }) => type);

describe('receipts', () => {
  it('are due for accepted messages without a final status', async () => {
    const [first, second] = [await sent(), await sent()];
    const [waiting] = (await desk.accept(mobiles(1))) as [TestAlert];
    await desk.age([second.alert], 3_600);
    expect((await due(first.alert, second.alert, waiting)).sort(byMessage)).toEqual([
      {
        outboxId: first.alert.outboxId,
        alertId: first.alert.alertId,
        attemptId: expect.stringMatching(/^\d+$/),
        line: 'kavenegar',
        providerMessageId: first.messageId,
        sentSecondsAgo: expect.any(Number),
        templateFallback: 'allowed',
      },
      expect.objectContaining({ providerMessageId: second.messageId }),
    ]);
    expect((await due(second.alert))[0]?.sentSecondsAgo).toBeGreaterThanOrEqual(3_600);
  });

  it.each([
    [10, 'delivered', 'alert.delivered'],
    [11, 'failed', 'alert.failed'],
    [14, 'failed', 'alert.failed'],
    [100, 'unknown', 'alert.unknown'],
  ])('of status %d end a message as %s', async (status, state, event) => {
    const { alert } = await sent();
    expect(await settle(await due(alert), status)).toBe(1);
    expect(await desk.states([alert])).toEqual([state]);
    expect(await desk.events(alert)).toMatchObject([
      { type: 'alert.sent' },
      { type: event, actor: 'provider:kavenegar', data: { channel: 'sms', code: String(status) } },
    ]);
    expect(await desk.work(alert)).toBeNull();
  });

  it('are checked again later while they are pending', async () => {
    const { alert } = await sent();
    await desk.age([alert], 3_600);
    expect(await settle(await due(alert), 4)).toBe(0);
    expect(await eventTypes(alert)).toEqual(['alert.sent']);
    const work = await desk.work(alert);
    expect(work).toMatchObject({ queue: 'sms-receipts' });
    expect(work?.runIn).toBeGreaterThan(1_600);
    expect(work?.runIn).toBeLessThan(2_000);
    // Farther than a quarter of an hour: it stays in PostgreSQL until then.
    expect(work?.relayIn).toBeCloseTo((work?.runIn ?? 0) - 900, 1);
  });

  it.each([10, 11])('change nothing after the final status %d', async (status) => {
    const { alert, messageId } = await sent();
    const open = await due(alert);
    await settle(open, status);
    const before = [await desk.states([alert]), await desk.events(alert)];
    for (const later of [4, 10, 11, 100]) expect(await settle(open, later)).toBe(0);
    expect([await desk.states([alert]), await desk.events(alert)]).toEqual(before);
    expect(await byId(messageId)).toMatchObject([{ open: false }]);
    expect(await due(alert)).toEqual([]);
  });

  it('may still come for an unknown message', async () => {
    const { alert, messageId } = await sent();
    await settle(await due(alert), 100);
    const [message] = await byId(messageId);
    expect(message).toMatchObject({ open: true, outboxId: null, alertId: alert.alertId });
    expect(await settle([message as OpenMessage], 10)).toBe(1);
    expect(await desk.states([alert])).toEqual(['delivered']);
    expect(await eventTypes(alert)).toEqual(['alert.sent', 'alert.unknown', 'alert.delivered']);
  });

  it('do not return an unknown message to sent, because no worker would check it', async () => {
    const { alert, messageId } = await sent();
    await settle(await due(alert), 100);
    expect(await settle(await byId(messageId), 4)).toBe(0);
    expect(await desk.states([alert])).toEqual(['unknown']);
  });

  it('leave the scheduled check alone when a callback led to them', async () => {
    const { alert, messageId } = await sent();
    expect(await settle(await byId(messageId), 10)).toBe(1);
    expect(await desk.work(alert)).toMatchObject({ queue: 'sms-receipts' });
    expect(await due(alert)).toEqual([]);
  });

  it('of unknown messages match nothing', async () => {
    await sent();
    expect(await byId('31415926')).toEqual([]);
    expect(await settle([], 10)).toBe(0);
  });
});

const byMessage = (a: OpenMessage, b: OpenMessage) =>
  Number(a.providerMessageId) - Number(b.providerMessageId);
