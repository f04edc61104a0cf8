import { createAlerts } from '../../../core/alerts/alerts';
import type { ClaimedAlert } from '../../../core/alerts/claims';
import { type AlertDesk, createAlertDesk, mobiles, type TestAlert } from '../../support/alert-desk';
import { useDatabase } from '../../support/database';
import { lockWaits } from '../../support/lock-waits';
import { until } from '../../support/until';

const test = useDatabase({ max: 20 });
let desk: AlertDesk;
const sms = () => createAlerts(test.db, 'sms');

beforeAll(async () => {
  desk = await createAlertDesk(test.db);
});
beforeEach(() => test.db.query('DELETE FROM outbox'));

/** Alerts that were accepted in one transaction, so that one row of the outbox is about them. */
const together = (count: number) => desk.accept(mobiles(count), { together: true });
const rowsOf = (alerts: TestAlert[]) => [...new Set(alerts.map(({ outboxId }) => outboxId))];
const claim = (alerts: TestAlert[], limit?: number) =>
  sms().claim('sms-normal', rowsOf(alerts), 'kavenegar-second', limit);
const idsOf = (claimed: { alertId: string }[]) =>
  claimed.map(({ alertId }) => Number(alertId)).sort(byNumber);
const byNumber = (a: number, b: number) => a - b;
const work = () =>
  test.db.query<{ id: string; ids: string[]; inPlace: boolean }>(
    `SELECT id, subject_ids AS ids, relay_at <= run_at AS "inPlace" FROM outbox WHERE queue = 'sms-normal' ORDER BY id`,
  );
const linesOf = async (alerts: TestAlert[]) => {
  const rows = await test.db.query<{ line: string | null }>(
    'SELECT line FROM alerts WHERE id = ANY($1::bigint[]) ORDER BY id',
    [idsOf(alerts)],
  );
  return rows.map(({ line }) => line);
};

describe('a claim', () => {
  it('names the line before anything is sent', async () => {
    const alerts = await together(3);
    expect(await linesOf(alerts)).toEqual([null, null, null]);
    expect(await claim(alerts)).toMatchObject(Array(3).fill({ line: 'kavenegar-second', byTemplate: false }));
    expect(await linesOf(alerts)).toEqual(Array(3).fill('kavenegar-second'));
  });

  it('of alerts in doubt keeps their line, which is the first one where none is on record', async () => {
    const alerts = await together(2);
    await claim(alerts);
    await test.db.query('UPDATE alerts SET line = NULL WHERE id = $1', [alerts[0]?.alertId]);
    await desk.age(alerts, 61);
    const doubtful = await sms().claimInDoubt('sms-normal', rowsOf(alerts));
    expect(doubtful.sort((a, b) => Number(a.alertId) - Number(b.alertId)).map(({ line }) => line)).toEqual([
      'kavenegar',
      'kavenegar-second',
    ]);
  });

  it('with a limit takes the oldest alerts, and no more', async () => {
    const alerts = await together(10);
    expect(await sms().countClaimable('sms-normal', rowsOf(alerts))).toBe(10);
    expect(idsOf(await claim(alerts, 4))).toEqual(idsOf(alerts.slice(0, 4)));
    expect(await sms().countClaimable('sms-normal', rowsOf(alerts))).toBe(6);
    expect(idsOf(await claim(alerts, 4))).toEqual(idsOf(alerts.slice(4, 8)));
    expect(idsOf(await claim(alerts, 4))).toEqual(idsOf(alerts.slice(8)));
  });

  it('with a limit by many at once gives no alert twice', async () => {
    const alerts = await together(50);
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim(alerts, 5)));
    const ids = claims.flatMap(idsOf);
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of claims) expect(one.length).toBeLessThanOrEqual(5);
  });
});

describe('the unclaimed rest of a set', () => {
  it('becomes a row of its own, which is first in its queue', async () => {
    const alerts = await together(10);
    await test.db.query(`UPDATE outbox SET relay_at = now() + interval '2 minutes'`);
    const claimed = await claim(alerts, 4);
    await sms().splitOffUnclaimed(rowsOf(alerts), claimed);
    expect(await work()).toEqual([
      { id: alerts[0]?.outboxId, ids: idsOf(claimed).map(String), inPlace: false },
      { id: expect.any(String), ids: idsOf(alerts.slice(4)).map(String), inPlace: true },
    ]);
    expect(
      await sms().countClaimable(
        'sms-normal',
        (await work()).map(({ id }) => id),
      ),
    ).toBe(6);
  });

  it('is split off once, also when the statement is repeated after its answer was lost', async () => {
    const alerts = await together(10);
    const claimed = await claim(alerts, 4);
    const again = await test.db.transaction(async (trx) => {
      await createAlerts(trx, 'sms').splitOffUnclaimed(rowsOf(alerts), claimed);
      const running = sms().splitOffUnclaimed(rowsOf(alerts), claimed);
      await until(async () => (await lockWaits(test.db)) === 1);
      return { running };
    });
    await again.running;
    expect((await work()).map(({ ids }) => ids)).toEqual([
      idsOf(claimed).map(String),
      idsOf(alerts.slice(4)).map(String),
    ]);
  });

  it('stays in its row where other rows were claimed', async () => {
    const [first, second] = [await together(3), await together(3)];
    await test.db.query(`UPDATE outbox SET relay_at = now() + interval '2 minutes'`);
    const claimed = await claim([...first, ...second], 3);
    await sms().splitOffUnclaimed(rowsOf([...first, ...second]), claimed);
    expect((await work()).map(({ ids, inPlace }) => [ids.length, inPlace])).toEqual([
      [3, false],
      [3, true],
    ]);
  });
});

describe('a claim that is undone', () => {
  it('counts as no attempt, and its alert waits first in its queue', async () => {
    const alerts = await together(3);
    await test.db.query(`UPDATE outbox SET relay_at = now() + interval '2 minutes'`);
    const claimed = await claim(alerts);
    expect(claimed.map(({ tries }) => tries)).toEqual([1, 1, 1]);
    await sms().unclaim(claimed);
    expect(await desk.states(alerts)).toEqual(['queued', 'queued', 'queued']);
    expect((await claim(alerts)).map(({ tries }) => tries)).toEqual([1, 1, 1]);
    expect(await work()).toMatchObject([{ inPlace: true }]);
  });

  it('changes nothing once another worker has claimed the alert', async () => {
    const alerts = await together(1);
    const stale = await claim(alerts);
    await desk.age(alerts, 61);
    const [next] = (await sms().claimInDoubt('sms-normal', rowsOf(alerts))) as [ClaimedAlert];
    await sms().unclaim(stale);
    expect(await desk.states(alerts)).toEqual(['sending']);
    expect(next.tries).toBe(1);
  });
});
