import { createAlerts } from '../../../core/alerts/alerts';
import { type ClaimedAlert, rowsNotFullyClaimed, STALE_CLAIM_SECONDS } from '../../../core/alerts/claims';
import { decideAfterSend } from '../../../core/alerts/decide-after-send';
import { createReceipts } from '../../../core/alerts/receipts';
import type { SendOutcome } from '../../../core/channels/outcomes';
import {
  type AlertDesk,
  createAlertDesk,
  mobiles,
  outboxIds,
  type TestAlert,
} from '../../support/alert-desk';
import { useDatabase } from '../../support/database';

const test = useDatabase({ max: 20 });
let desk: AlertDesk;
const sms = () => createAlerts(test.db, 'sms');

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(() => test.db.query('TRUNCATE outbox RESTART IDENTITY'));

const accepted: SendOutcome = {
  outcome: 'accepted',
  providerMessageId: '1',
  code: '1',
  parts: 1,
  cost: 1_500,
};
const not = (outcome: Exclude<SendOutcome['outcome'], 'accepted'>): SendOutcome => ({
  outcome,
  code: '42',
  detail: 'what happened',
});

/** Alerts that were accepted in one transaction. */
const together = (count: number) => desk.accept(mobiles(count), { together: true });
const rowOf = (alerts: TestAlert[]) => [alerts[0]?.outboxId as string];
const claim = (alerts: TestAlert[]) => sms().claim('sms-normal', rowOf(alerts), 'kavenegar');

/** Settles each alert with the outcome at its place in the order of acceptance. */
function settle(claimed: ClaimedAlert[], outcomeOf: (place: number) => SendOutcome) {
  const inOrder = [...claimed].sort((a, b) => Number(a.alertId) - Number(b.alertId));
  return sms().settle(
    'kavenegar',
    inOrder.map((alert, place) => {
      const result = outcomeOf(place);
      const situation = { ...alert, channel: 'sms' as const, onUnknownEmail: 'park' as const };
      return { alert, result, decision: decideAfterSend(result, situation) };
    }),
  );
}

interface Work {
  id: string;
  queue: string;
  subjects: string[];
}
const work = () =>
  test.db.query<Work & Record<string, unknown>>(
    'SELECT id, queue, subject_ids AS subjects FROM outbox ORDER BY id',
  );
/** Reads the queue in which each alert waits, in the order of acceptance. */
async function waitingIn(alerts: TestAlert[]): Promise<(string | null)[]> {
  const rows = await work();
  const queues = alerts.map(({ alertId }) =>
    rows.filter(({ subjects }) => subjects.includes(alertId)).map(({ queue }) => queue),
  );
  expect(queues.every((found) => found.length <= 1)).toBe(true);
  return queues.map(([queue]) => queue ?? null);
}

describe('alerts that are accepted together', () => {
  it('wait in sets as large as a call to the provider', async () => {
    await together(450);
    expect((await work()).map(({ subjects }) => subjects.length)).toEqual([200, 200, 50]);
  });

  it('wait in sets of their own in each lane and channel', async () => {
    await desk.accept([...mobiles(3), 'a@example.org', 'b@example.org'], { together: true });
    const rows = await work();
    expect(rows.map(({ queue, subjects }) => [queue, subjects.length]).sort()).toEqual([
      ['email-normal', 2],
      ['sms-normal', 3],
    ]);
  });
});

describe('a set that is settled', () => {
  it('stays one row when the provider accepts all of it', async () => {
    const alerts = await together(50);
    await settle(await claim(alerts), () => accepted);
    expect(await work()).toEqual([
      { id: alerts[0]?.outboxId, queue: 'sms-receipts', subjects: expect.any(Array) },
    ]);
    expect(await waitingIn(alerts)).toEqual(Array(50).fill('sms-receipts'));
  });

  it('is split by the next work of each alert, and loses none', async () => {
    const alerts = await together(6);
    const outcomes = [accepted, accepted, not('rejected'), not('try_later'), not('unknown'), accepted];
    await settle(await claim(alerts), (place) => outcomes[place] as SendOutcome);
    expect(await waitingIn(alerts)).toEqual([
      'sms-receipts',
      'sms-receipts',
      null,
      'sms-normal',
      'sms-normal',
      'sms-receipts',
    ]);
    expect(await desk.states(alerts)).toEqual(['sent', 'sent', 'failed', 'queued', 'unknown', 'sent']);
  });

  it('leaves the outbox when all of it is rejected', async () => {
    const alerts = await together(4);
    await settle(await claim(alerts), () => not('rejected'));
    expect(await work()).toEqual([]);
  });

  it('leaves out alerts that another worker is sending', async () => {
    const alerts = await together(4);
    const [first, ...others] = (await claim(alerts)) as [ClaimedAlert, ...ClaimedAlert[]];
    await settle([first], () => accepted);
    const left = others.map(({ alertId }) => alertId).sort();
    const [theirs] = (await work()).filter(({ queue }) => queue === 'sms-normal');
    expect(theirs?.subjects.sort()).toEqual(left);
    await settle(others, () => accepted);
    expect(await waitingIn(alerts)).toEqual(Array(4).fill('sms-receipts'));
  });

  it('is settled once when two workers settle it at the same time', async () => {
    const alerts = await together(20);
    const claimed = await claim(alerts);
    const counts = await Promise.all([
      settle(claimed, () => accepted),
      settle(claimed, () => not('rejected')),
    ]);
    expect(counts.sort((a, b) => a - b)).toEqual([0, 20]);
    expect(new Set(await desk.states(alerts)).size).toBe(1);
    expect(await waitingIn(alerts)).toHaveLength(20);
  });
});

describe('the rest of a set after a claim', () => {
  it('is found by its unclaimed alerts', async () => {
    const alerts = await together(3);
    const others = await together(2);
    const [spared] = others as [TestAlert];
    await test.db.query(`UPDATE alerts SET state = 'sending', claimed_at = now() WHERE id = $1`, [
      spared.alertId,
    ]);
    const rows = [...rowOf(alerts), ...rowOf(others)];
    const claimed = await sms().claim('sms-normal', rows, 'kavenegar');
    expect(claimed).toHaveLength(4);
    expect(rowsNotFullyClaimed(rows, claimed)).toEqual(rowOf(others));
    expect(rowsNotFullyClaimed([...rows, '999999'], claimed)).toEqual([...rowOf(others), '999999']);
  });

  it('is due again when its worker must have finished or died', async () => {
    const alerts = await together(3);
    await claim(alerts);
    await sms().cleanUpUnclaimed('sms-normal', rowOf(alerts));
    const [row] = await test.db.query<{ seconds: number }>(
      'SELECT extract(epoch FROM relay_at - now())::float8 AS seconds FROM outbox',
    );
    expect(row?.seconds).toBeCloseTo(STALE_CLAIM_SECONDS.sms, -1);
    expect(await waitingIn(alerts)).toEqual(Array(3).fill('sms-normal'));
  });

  it('is completed when it is done, one alert or all', async () => {
    const alerts = await together(3);
    const [first, ...rest] = alerts as [TestAlert, ...TestAlert[]];
    const finish = (some: TestAlert[]) =>
      test.db.query(`UPDATE alerts SET state = 'cancelled' WHERE id = ANY($1::bigint[])`, [
        some.map(({ alertId }) => alertId),
      ]);
    await finish([first]);
    await sms().cleanUpUnclaimed('sms-normal', rowOf(alerts));
    expect(await waitingIn(alerts)).toEqual([null, 'sms-normal', 'sms-normal']);
    await finish(rest);
    await sms().cleanUpUnclaimed('sms-normal', rowOf(alerts));
    expect(await work()).toEqual([]);
  });

  it('expires without the alerts that still have time', async () => {
    const alerts = await together(3);
    await desk.age(alerts.slice(0, 1), 73 * 3600);
    expect(await sms().expire('sms-normal', rowOf(alerts))).toBe(1);
    expect(await desk.states(alerts)).toEqual(['expired', 'queued', 'queued']);
    expect(await waitingIn(alerts)).toEqual([null, 'sms-normal', 'sms-normal']);
  });
});

describe('a set whose delivery reports are checked', () => {
  it('keeps its open messages in one row, and drops the others', async () => {
    const alerts = await together(3);
    await settle(await claim(alerts), () => accepted);
    const receipts = createReceipts(test.db);
    const open = await receipts.due(outboxIds(alerts));
    expect(open).toHaveLength(3);
    const byAlert = new Map(open.map((message) => [message.alertId, message]));
    const settlements = alerts.map(({ alertId }, place) => ({
      message: byAlert.get(alertId) as (typeof open)[number],
      decision: {
        state: place === 0 ? ('delivered' as const) : ('sent' as const),
        reason: null,
        event: null,
        next: place === 0 ? null : { seconds: 60 * place, work: 'receipts' as const },
      },
    }));
    expect(await receipts.settle('kavenegar', settlements)).toHaveLength(1);
    expect(await waitingIn(alerts)).toEqual([null, 'sms-receipts', 'sms-receipts']);
    expect(await work()).toHaveLength(1);
  });
});
