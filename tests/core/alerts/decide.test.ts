import fc from 'fast-check';
import {
  type AlertState,
  type AttemptContext,
  type Decision,
  decideAfterSend,
  decideAfterStatus,
  LOOK_UP_WINDOW_SECONDS,
} from '../../../core/alerts/decide';
import { describeStatus } from '../../../core/channels/kavenegar/return-codes';
import type { SendOutcome } from '../../../core/channels/outcomes';

const HOUR = 3600;

const aSituation = (overrides: Partial<AttemptContext> = {}): AttemptContext => ({
  channel: 'sms',
  tries: 1,
  attemptAge: 5,
  secondsToLive: 72 * HOUR,
  wasUnknown: false,
  onUnknownEmail: 'park',
  byTemplate: false,
  ...overrides,
});
const accepted: SendOutcome = {
  outcome: 'accepted',
  providerMessageId: '8792343',
  code: '1',
  parts: 2,
  cost: 3_000,
};
const not = (outcome: Exclude<SendOutcome['outcome'], 'accepted'>): SendOutcome => ({
  outcome,
  code: '42',
  detail: 'what happened',
});
const soon = { seconds: expect.any(Number), work: 'send' as const };
const told = (channel: string) => ({ channel, code: '42', reason: 'what happened' });

describe('after a try', () => {
  it.each<[string, SendOutcome, Partial<AttemptContext>, Partial<Decision>]>([
    [
      'an SMS the provider took counts as sent, and its report is looked for in a minute',
      accepted,
      {},
      {
        state: 'sent',
        reason: null,
        event: {
          type: 'alert.sent',
          data: { channel: 'sms', providerMessageId: '8792343', parts: 2, cost: 3_000 },
        },
        next: { seconds: 60, work: 'receipts' },
      },
    ],
    [
      'an email the server took counts as sent, and that is all there is to know',
      { ...accepted, parts: null, cost: null },
      { channel: 'email' },
      { state: 'sent', next: null },
    ],
    [
      'one that is taken when its time is over counts as sent all the same',
      accepted,
      { secondsToLive: -1 },
      { state: 'sent', next: { seconds: 60, work: 'receipts' } },
    ],
    [
      'one that is refused for good has failed',
      not('rejected'),
      {},
      {
        state: 'failed',
        reason: 'what happened',
        event: { type: 'alert.failed', data: told('sms') },
        next: null,
      },
    ],
    [
      'one that did not leave waits again, and nobody is told',
      not('not_sent'),
      {},
      { state: 'queued', reason: 'what happened', event: null, next: soon },
    ],
    [
      'one that was put off waits again',
      not('try_later'),
      { channel: 'email' },
      { state: 'queued', event: null, next: soon },
    ],
    [
      'an SMS of unknown fate is asked about, and its sender is told',
      not('unknown'),
      {},
      {
        state: 'unknown',
        reason: 'what happened',
        event: { type: 'alert.unknown', data: told('sms') },
        next: soon,
      },
    ],
    [
      'one whose fate was unknown before is not told of again',
      not('unknown'),
      { wasUnknown: true },
      { state: 'unknown', event: null, next: soon },
    ],
    [
      'an SMS the provider no longer remembers is left for a person',
      not('unknown'),
      { attemptAge: LOOK_UP_WINDOW_SECONDS + 1, wasUnknown: true },
      { state: 'unknown', reason: expect.stringContaining('a person decides'), event: null, next: null },
    ],
    [
      'an SMS of unknown fate whose time is over is left for a person',
      not('unknown'),
      { secondsToLive: -0.5 },
      { state: 'unknown', reason: expect.stringContaining('a person decides'), next: null },
    ],
    [
      'an email of unknown fate is left for a person',
      not('unknown'),
      { channel: 'email' },
      {
        state: 'unknown',
        reason: expect.stringContaining('a person decides'),
        event: { type: 'alert.unknown', data: told('email') },
        next: null,
      },
    ],
    [
      'an email of unknown fate is sent again where that was asked for',
      not('unknown'),
      { channel: 'email', onUnknownEmail: 'resend' },
      {
        state: 'queued',
        reason: 'what happened',
        event: { type: 'alert.unknown', data: told('email') },
        next: soon,
      },
    ],
    [
      'an email of unknown fate whose time is over is left for a person whatever was asked for',
      not('unknown'),
      { channel: 'email', onUnknownEmail: 'resend', secondsToLive: 0 },
      { state: 'unknown', next: null },
    ],
  ])('%s', (_, result, situation, decision) => {
    expect(decideAfterSend(result, aSituation(situation))).toMatchObject(decision);
  });

  it('looks a last time when the time is over, not later, so that the alert can expire', () => {
    for (const outcome of ['not_sent', 'try_later'] as const) {
      const { next } = decideAfterSend(not(outcome), aSituation({ tries: 30, secondsToLive: 0.2 }));
      expect(next).toEqual({ seconds: 1, work: 'send' });
      const over = decideAfterSend(not(outcome), aSituation({ tries: 30, secondsToLive: -3.7 }));
      expect(over).toMatchObject({ state: 'queued', next: { seconds: 0, work: 'send' } });
    }
  });

  it('grows more patient with an unknown fate the older the attempt is', () => {
    const longest = (attemptAge: number) =>
      Math.max(
        ...Array.from(
          { length: 300 },
          () => decideAfterSend(not('unknown'), aSituation({ attemptAge })).next?.seconds ?? 0,
        ),
      );
    expect(longest(5)).toBeLessThanOrEqual(20);
    expect(longest(130)).toBeGreaterThan(20);
    expect(longest(5 * HOUR)).toBeLessThanOrEqual(600);
  });
});

describe('whatever happens', () => {
  const results: fc.Arbitrary<SendOutcome> = fc.constantFrom(
    accepted,
    not('rejected'),
    not('try_later'),
    not('not_sent'),
    not('unknown'),
  );
  const situations: fc.Arbitrary<AttemptContext> = fc.record({
    channel: fc.constantFrom('sms', 'email'),
    tries: fc.integer({ min: 1, max: 32_767 }),
    attemptAge: fc.double({ min: 0, max: 100 * HOUR, noNaN: true }),
    secondsToLive: fc.double({ min: -100 * HOUR, max: 720 * HOUR, noNaN: true }),
    wasUnknown: fc.boolean(),
    onUnknownEmail: fc.constantFrom('park', 'resend'),
    byTemplate: fc.boolean(),
  });
  const ENDS: AlertState[] = ['sent', 'failed', 'unknown'];

  it('an alert is over, or somebody will look at it again within its time to live', () => {
    fc.assert(
      fc.property(results, situations, (result, situation) => {
        const { state, next, reason } = decideAfterSend(result, situation);
        expect([...ENDS, 'queued']).toContain(state);
        if (state !== 'sent') expect(reason).toBeTruthy();
        if (next === null) expect(ENDS).toContain(state);
        if (next?.work !== 'send') return;
        expect(['queued', 'unknown']).toContain(state);
        // Whole seconds are what the outbox is written in; the last one begins before the time is over.
        expect(Number.isInteger(next.seconds)).toBe(true);
        expect(next.seconds).toBeGreaterThanOrEqual(0);
        expect(next.seconds).toBeLessThanOrEqual(Math.ceil(Math.max(0, situation.secondsToLive)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('only what is sent, refused or unknown is told of', () => {
    fc.assert(
      fc.property(results, situations, (result, situation) => {
        const { state, event } = decideAfterSend(result, situation);
        const expected = { sent: 'alert.sent', failed: 'alert.failed' }[state as string];
        if (expected) expect(event?.type).toBe(expected);
        else if (result.outcome !== 'unknown') expect(event).toBeNull();
        else expect(event?.type).toBe(situation.wasUnknown ? undefined : 'alert.unknown');
      }),
    );
  });
});

describe('after the provider told the status', () => {
  const PENDING = { state: 'sent', reason: null, event: null };

  it.each<[number, number, Partial<Decision>]>([
    [
      10,
      90,
      { state: 'delivered', reason: null, event: expect.objectContaining({ type: 'alert.delivered' }) },
    ],
    [6, 90, { state: 'failed', event: expect.objectContaining({ type: 'alert.failed' }) }],
    [11, 90, { state: 'failed', event: expect.objectContaining({ type: 'alert.failed' }) }],
    [13, 90, { state: 'failed', event: expect.objectContaining({ type: 'alert.failed' }) }],
    [14, 90, { state: 'failed', event: expect.objectContaining({ type: 'alert.failed' }) }],
    [100, 90, { state: 'unknown', event: expect.objectContaining({ type: 'alert.unknown' }) }],
    [4, 48 * HOUR, { state: 'unknown', event: expect.objectContaining({ type: 'alert.unknown' }) }],
  ])('%d ends it', (status, age, decision) => {
    expect(decideAfterStatus(describeStatus(status), age)).toMatchObject({ ...decision, next: null });
  });

  it('14 sends it on by the template where it may go by one, and the timeline says why', () => {
    expect(decideAfterStatus(describeStatus(14), 90, 'open')).toEqual({
      state: 'queued',
      reason: expect.stringMatching(/^the recipient blocks .*; it goes by the template now$/),
      event: {
        type: 'alert.failed',
        data: { channel: 'sms', code: '14', reason: expect.stringContaining('the recipient blocks') },
      },
      next: { seconds: 0, work: 'send' },
    });
    for (const status of [6, 11, 13]) {
      expect(decideAfterStatus(describeStatus(status), 90, 'open')).toMatchObject({
        state: 'failed',
        next: null,
      });
    }
  });

  it('14 leaves it to a person where it may have gone by the template in the time a restore lost', () => {
    expect(decideAfterStatus(describeStatus(14), 90, 'doubtful')).toEqual({
      state: 'unknown',
      reason: expect.stringMatching(/^the recipient blocks .*it may have gone by the template/),
      event: { type: 'alert.unknown', data: expect.objectContaining({ code: 'restored' }) },
      next: null,
    });
    expect(decideAfterStatus(describeStatus(10), 90, 'doubtful')).toMatchObject({ state: 'delivered' });
    expect(decideAfterStatus(describeStatus(6), 90, 'doubtful')).toMatchObject({ state: 'failed' });
  });

  it.each([1, 2, 4, 5, 99])('%d is looked at again, ever more rarely, for 48 hours', (status) => {
    for (const [age, least, most] of [
      [0, 54, 66],
      [600, 270, 330],
      [40 * HOUR, 5.4 * HOUR, 6.6 * HOUR],
    ] as const) {
      const { next, ...rest } = decideAfterStatus(describeStatus(status), age);
      expect(rest).toEqual(PENDING);
      expect(next?.work).toBe('receipts');
      expect(Number.isInteger(next?.seconds)).toBe(true);
      expect(next?.seconds).toBeGreaterThanOrEqual(least);
      expect(next?.seconds).toBeLessThanOrEqual(most);
    }
  });
});
