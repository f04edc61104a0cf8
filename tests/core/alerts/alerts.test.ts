import { createAlerts, type Settlement } from '../../../core/alerts/alerts';
import { type ClaimedAlert, STALE_CLAIM_SECONDS } from '../../../core/alerts/claims';
import { decideAfterSend } from '../../../core/alerts/decide-after-send';
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

const accepted = (providerMessageId = '8792343'): SendOutcome => ({
  outcome: 'accepted',
  providerMessageId,
  code: '1',
  parts: 2,
  cost: 3_000,
});
const not = (outcome: Exclude<SendOutcome['outcome'], 'accepted'>): SendOutcome => ({
  outcome,
  code: '42',
  detail: 'what happened',
});
const settlement = (alert: ClaimedAlert, result: SendOutcome): Settlement => ({
  alert,
  result,
  decision: decideAfterSend(result, { ...alert, channel: 'sms', onUnknownEmail: 'park' }),
});
const settle = (claimed: ClaimedAlert[], result: SendOutcome) =>
  sms().settle(
    'kavenegar',
    claimed.map((alert) => settlement(alert, result)),
  );
const one = async (): Promise<TestAlert> => (await desk.accept(mobiles(1)))[0] as TestAlert;
const claim = (alerts: TestAlert[]) => sms().claim('sms-normal', outboxIds(alerts), 'kavenegar');
const claimDoubtful = (alerts: TestAlert[]) => sms().claimInDoubt('sms-normal', outboxIds(alerts));
const goStale = (alerts: TestAlert[]) => desk.age(alerts, STALE_CLAIM_SECONDS.sms + 1);

/** Reads everything a settlement could change. */
const everything = async (alert: TestAlert) => ({
  state: await desk.states([alert]),
  attempts: await desk.attempts(alert),
  events: await desk.events(alert),
  queue: (await desk.work(alert))?.queue,
});

describe('a claim', () => {
  it('gives all that a send needs, under the number of a new attempt', async () => {
    const alert = await one();
    expect(await claim([alert])).toEqual([
      {
        ...alert,
        subjectCount: 1,
        attemptId: expect.stringMatching(/^\d+$/),
        claim: expect.any(String),
        claimedAt: expect.any(Number),
        tries: 1,
        trackingNumber: expect.stringMatching(/^\d{12}$/),
        lane: 'normal',
        line: 'kavenegar',
        byTemplate: false,
        address: '+989120000000',
        text: expect.stringMatching(/^شرکت نمونه: \d{12}$/),
        attemptAgeSeconds: expect.any(Number),
        noticeAgeSeconds: expect.any(Number),
        secondsToLive: expect.any(Number),
        wasUnknown: false,
      },
    ]);
    expect(await desk.states([alert])).toEqual(['sending']);
    expect(await desk.attempts(alert)).toEqual([]);
  });

  it('belongs to one worker: workers that claim the same set share nothing', async () => {
    const alerts = await desk.accept(mobiles(100));
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(alerts)));
    const claimed = claims.flat().map(({ alertId }) => alertId);
    expect(claimed).toHaveLength(100);
    expect(new Set(claimed).size).toBe(100);
    expect(new Set(claims.flat().map(({ attemptId }) => attemptId)).size).toBe(100);
  });

  it('leaves out alerts of another queue, of an old job, and those that have expired', async () => {
    const [sent, late, waiting] = (await desk.accept(mobiles(3))) as [TestAlert, TestAlert, TestAlert];
    await settle(await claim([sent]), accepted());
    await desk.age([late], 73 * 3600);
    expect(await sms().claim('sms-urgent', outboxIds([waiting]), 'kavenegar')).toEqual([]);
    expect(await claim([sent, late, waiting])).toMatchObject([{ alertId: waiting.alertId }]);
    expect(await sms().claim('sms-normal', ['999999999'], 'kavenegar')).toEqual([]);
  });

  it('of a second attempt has a new number', async () => {
    const alert = await one();
    const [first] = (await claim([alert])) as [ClaimedAlert];
    await settle([first], not('not_sent'));
    const [second] = (await claim([alert])) as [ClaimedAlert];
    expect(second).toMatchObject({ tries: 2 });
    expect(BigInt(second.attemptId)).toBeGreaterThan(BigInt(first.attemptId));
  });
});

describe('a claim of alerts in doubt', () => {
  it('takes over from a worker whose claim is stale, and from no other', async () => {
    const [stale, fresh] = (await desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    const [before] = await claim([stale, fresh]);
    await desk.age([stale], STALE_CLAIM_SECONDS.sms + 1);
    await desk.age([fresh], STALE_CLAIM_SECONDS.sms - 5);
    const taken = await claimDoubtful([stale, fresh]);
    expect(taken).toMatchObject([
      { alertId: stale.alertId, attemptId: before?.attemptId, tries: 1, wasUnknown: false },
    ]);
    expect(taken[0]?.attemptAgeSeconds).toBeGreaterThan(STALE_CLAIM_SECONDS.sms);
  });

  it('keeps the attempt of an unknown alert', async () => {
    const alert = await one();
    const first = await claim([alert]);
    await settle(first, not('unknown'));
    expect(await claim([alert])).toEqual([]);
    expect(await claimDoubtful([alert])).toMatchObject([
      { attemptId: first[0]?.attemptId, tries: 1, wasUnknown: true },
    ]);
  });

  it('belongs to one worker, too', async () => {
    const alerts = await desk.accept(mobiles(50));
    await claim(alerts);
    await goStale(alerts);
    const claims = await Promise.all(Array.from({ length: 6 }, () => claimDoubtful(alerts)));
    expect(claims.flat()).toHaveLength(50);
    expect(new Set(claims.flat().map(({ alertId }) => alertId)).size).toBe(50);
  });
});

describe('a settlement', () => {
  it('of an accepted SMS writes attempt, event and the next receipt check', async () => {
    const alert = await one();
    const [claimed] = (await claim([alert])) as [ClaimedAlert];
    expect(await settle([claimed], accepted('501'))).toBe(1);
    expect(await everything(alert)).toEqual({
      state: ['sent'],
      attempts: [
        {
          id: claimed.attemptId,
          provider: 'kavenegar',
          outcome: 'accepted',
          code: '1',
          messageId: '501',
          parts: 2,
          cost: 3_000,
          detail: null,
        },
      ],
      events: [
        {
          type: 'alert.sent',
          actor: 'provider:kavenegar',
          data: { channel: 'sms', cost: 3_000, parts: 2, providerMessageId: '501' },
        },
      ],
      queue: 'sms-receipts',
    });
    const work = await desk.work(alert);
    expect(work?.runIn).toBeGreaterThan(55);
    expect(work?.runIn).toBeLessThanOrEqual(60);
    // Near enough to be carried to the queue now, as a delayed job.
    expect(work?.relayIn).toBeLessThan(0);
  });

  it('of a rejected SMS leaves no work', async () => {
    const alert = await one();
    await settle(await claim([alert]), not('rejected'));
    expect(await everything(alert)).toMatchObject({
      state: ['failed'],
      attempts: [{ outcome: 'rejected', code: '42', detail: 'what happened', cost: null }],
      events: [{ type: 'alert.failed' }],
      queue: undefined,
    });
  });

  it('of an SMS that did not leave queues it again, with its attempt on record', async () => {
    const alert = await one();
    await settle(await claim([alert]), not('not_sent'));
    expect(await everything(alert)).toMatchObject({
      state: ['queued'],
      attempts: [{ outcome: 'not_sent' }],
      events: [],
      queue: 'sms-normal',
    });
  });

  it('may end differently for each alert of a set', async () => {
    const alerts = await desk.accept(mobiles(4));
    const results = [accepted('601'), not('rejected'), not('try_later'), not('unknown')];
    const claimed = await claim(alerts);
    const byAlert = new Map(claimed.map((alert) => [alert.alertId, alert]));
    const settlements = alerts.map(({ alertId }, i) =>
      settlement(byAlert.get(alertId) as ClaimedAlert, results[i] as SendOutcome),
    );
    expect(await sms().settle('kavenegar', settlements)).toBe(4);
    expect(await desk.states(alerts)).toEqual(['sent', 'failed', 'queued', 'unknown']);
    expect(await sms().settle('kavenegar', [])).toBe(0);
  });

  it('that comes twice changes nothing the second time', async () => {
    const alert = await one();
    const claimed = await claim([alert]);
    await settle(claimed, accepted());
    const before = await everything(alert);
    expect(await settle(claimed, not('rejected'))).toBe(0);
    expect(await everything(alert)).toEqual(before);
  });

  it('of a frozen worker is void once another has claimed the alert', async () => {
    const alert = await one();
    const frozen = await claim([alert]);
    await goStale([alert]);
    const taken = await claimDoubtful([alert]);
    expect(await settle(frozen, not('rejected'))).toBe(0);
    expect(await everything(alert)).toMatchObject({ state: ['sending'], attempts: [], events: [] });
    expect(await settle(taken, accepted('701'))).toBe(1);
    expect(await settle(frozen, not('rejected'))).toBe(0);
    expect(await everything(alert)).toMatchObject({ state: ['sent'], attempts: [{ messageId: '701' }] });
  });

  it('of an earlier attempt is void once a later one is claimed', async () => {
    const alert = await one();
    const first = await claim([alert]);
    await settle(first, not('not_sent'));
    const second = await claim([alert]);
    expect(await settle(first, accepted())).toBe(0);
    expect(await settle(second, accepted('801'))).toBe(1);
    expect(await desk.attempts(alert)).toMatchObject([{ outcome: 'not_sent' }, { messageId: '801' }]);
  });

  it('resolves an unknown attempt in its own row, with an event', async () => {
    const alert = await one();
    await settle(await claim([alert]), not('unknown'));
    await settle(await claimDoubtful([alert]), not('unknown'));
    await settle(await claimDoubtful([alert]), accepted('901'));
    expect(await everything(alert)).toMatchObject({
      state: ['sent'],
      attempts: [{ outcome: 'accepted', messageId: '901' }],
      events: [{ type: 'alert.unknown' }, { type: 'alert.sent' }],
    });
  });

  it('is possible after a worker died during a look-up', async () => {
    const alert = await one();
    await settle(await claim([alert]), not('unknown'));
    await claimDoubtful([alert]);
    await goStale([alert]);
    const taken = await claimDoubtful([alert]);
    expect(taken).toMatchObject([{ wasUnknown: true }]);
    expect(await settle(taken, accepted('951'))).toBe(1);
    expect(await everything(alert)).toMatchObject({
      attempts: [{ outcome: 'accepted', messageId: '951' }],
      events: [{ type: 'alert.unknown' }, { type: 'alert.sent' }],
    });
  });

  it('is possible for an alert with less than a second to live', async () => {
    const alert = await one();
    await desk.age([alert], 72 * 3600 - 30);
    const claimed = await claim([alert]);
    expect(claimed[0]?.secondsToLive).toBeLessThan(30);
    const closing = claimed.map((each) => ({ ...each, tries: 20, secondsToLive: 0.4 }));
    expect(await settle(closing, not('try_later'))).toBe(1);
    expect((await desk.work(alert))?.runIn).toBeLessThanOrEqual(1);
  });
});

describe('expiry', () => {
  it('ends alerts that waited too long, with a reason, and leaves no work', async () => {
    const [never, tried] = (await desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    await settle(await claim([tried]), not('try_later'));
    await desk.age([never, tried], 73 * 3600);
    expect(await sms().expire('sms-normal', outboxIds([never, tried]))).toBe(2);
    expect(await sms().expire('sms-normal', outboxIds([never, tried]))).toBe(0);
    expect(await desk.states([never, tried])).toEqual(['expired', 'expired']);
    expect(await desk.events(never)).toEqual([
      {
        type: 'alert.expired',
        actor: 'system',
        data: { channel: 'sms', reason: 'it could not be sent in time' },
      },
    ]);
    expect(await desk.events(tried)).toMatchObject([{ data: { reason: 'what happened' } }]);
    expect([await desk.work(never), await desk.work(tried)]).toEqual([null, null]);
  });

  it('leaves out alerts that still have time, are being sent or are unknown', async () => {
    const [waiting, sending, unknown] = (await desk.accept(mobiles(3))) as [TestAlert, TestAlert, TestAlert];
    await settle(await claim([unknown]), not('unknown'));
    await claim([sending]);
    await desk.age([sending, unknown], 73 * 3600);
    expect(await sms().expire('sms-normal', outboxIds([waiting, sending, unknown]))).toBe(0);
    expect(await desk.states([waiting, sending, unknown])).toEqual(['queued', 'sending', 'unknown']);
  });

  it('is found due in the given queues', async () => {
    const [waiting, late] = (await desk.accept(mobiles(2), { lane: 'bulk' })) as [TestAlert, TestAlert];
    const [urgent] = await desk.accept(mobiles(1), { lane: 'urgent' });
    await desk.age([late, urgent as TestAlert], 73 * 3600);
    expect(await sms().overdue(['sms-bulk'])).toEqual([{ queue: 'sms-bulk', id: late.outboxId }]);
    expect(await desk.states([waiting, late])).toEqual(['queued', 'queued']);
  });
});

describe('the clean-up after a claim', () => {
  it('completes work that is done', async () => {
    const alert = await one();
    await settle(await claim([alert]), not('rejected'));
    await test.db.query(
      `INSERT INTO outbox (queue, subject_ids, run_at, relay_at) VALUES ('sms-normal', ARRAY[$1::bigint], now(), now())`,
      [alert.alertId],
    );
    const left = () =>
      test.db.query<{ id: string }>('SELECT id FROM outbox WHERE $1 = ANY(subject_ids)', [alert.alertId]);
    await sms().cleanUpUnclaimed(
      'sms-normal',
      (await left()).map(({ id }) => id),
    );
    expect(await left()).toEqual([]);
  });

  it('makes work due again that another worker is sending, once that worker must have finished or died', async () => {
    const alert = await one();
    await claim([alert]);
    await sms().cleanUpUnclaimed('sms-normal', outboxIds([alert]));
    expect((await desk.work(alert))?.relayIn).toBeGreaterThan(STALE_CLAIM_SECONDS.sms - 5);
    expect((await desk.work(alert))?.relayIn).toBeLessThanOrEqual(STALE_CLAIM_SECONDS.sms);
  });

  it('leaves alone waiting alerts and other queues', async () => {
    const [waiting, sent] = (await desk.accept(mobiles(2))) as [TestAlert, TestAlert];
    await settle(await claim([sent]), accepted());
    await sms().cleanUpUnclaimed('sms-normal', outboxIds([waiting, sent]));
    expect(await desk.work(waiting)).toMatchObject({ queue: 'sms-normal' });
    expect(await desk.work(sent)).toMatchObject({ queue: 'sms-receipts' });
    await sms().cleanUpUnclaimed('sms-normal', []);
  });
});
