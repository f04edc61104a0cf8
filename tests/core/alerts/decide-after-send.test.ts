import fc from 'fast-check';
import {
  type AttemptContext,
  decideAfterSend,
  LOOK_UP_WINDOW_SECONDS,
} from '../../../core/alerts/decide-after-send';
import type { Decision } from '../../../core/alerts/decision';
import type { AlertState } from '../../../core/alerts/states';
import type { SendOutcome } from '../../../core/channels/outcomes';

const HOUR = 3600;

const anAttempt = (overrides: Partial<AttemptContext> = {}): AttemptContext => ({
  channel: 'sms',
  tries: 1,
  attemptAgeSeconds: 5,
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
const eventData = (channel: string) => ({ channel, code: '42', reason: 'what happened' });

describe('a decision after an attempt', () => {
  it.each<[string, SendOutcome, Partial<AttemptContext>, Partial<Decision>]>([
    [
      'marks an accepted SMS as sent, and checks for its delivery report in a minute',
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
      'marks an accepted email as sent, for good',
      { ...accepted, parts: null, cost: null },
      { channel: 'email' },
      { state: 'sent', next: null },
    ],
    [
      'marks an accepted SMS as sent also when its time to live is over',
      accepted,
      { secondsToLive: -1 },
      { state: 'sent', next: { seconds: 60, work: 'receipts' } },
    ],
    [
      'fails an alert that is rejected',
      not('rejected'),
      {},
      {
        state: 'failed',
        reason: 'what happened',
        event: { type: 'alert.failed', data: eventData('sms') },
        next: null,
      },
    ],
    [
      'queues an alert again that was not sent, without an event',
      not('not_sent'),
      {},
      { state: 'queued', reason: 'what happened', event: null, next: soon },
    ],
    [
      'queues an alert again that the provider put off',
      not('try_later'),
      { channel: 'email' },
      { state: 'queued', event: null, next: soon },
    ],
    [
      'looks up an SMS of unknown outcome, with an event',
      not('unknown'),
      {},
      {
        state: 'unknown',
        reason: 'what happened',
        event: { type: 'alert.unknown', data: eventData('sms') },
        next: soon,
      },
    ],
    [
      'adds no second event to an SMS that was unknown before',
      not('unknown'),
      { wasUnknown: true },
      { state: 'unknown', event: null, next: soon },
    ],
    [
      'leaves an SMS to a person once the provider no longer remembers it',
      not('unknown'),
      { attemptAgeSeconds: LOOK_UP_WINDOW_SECONDS + 1, wasUnknown: true },
      { state: 'unknown', reason: expect.stringContaining('a person decides'), event: null, next: null },
    ],
    [
      'leaves an unknown SMS to a person once its time to live is over',
      not('unknown'),
      { secondsToLive: -0.5 },
      { state: 'unknown', reason: expect.stringContaining('a person decides'), next: null },
    ],
    [
      'leaves an unknown email to a person',
      not('unknown'),
      { channel: 'email' },
      {
        state: 'unknown',
        reason: expect.stringContaining('a person decides'),
        event: { type: 'alert.unknown', data: eventData('email') },
        next: null,
      },
    ],
    [
      'queues an unknown email again where the configuration asks for it',
      not('unknown'),
      { channel: 'email', onUnknownEmail: 'resend' },
      {
        state: 'queued',
        reason: 'what happened',
        event: { type: 'alert.unknown', data: eventData('email') },
        next: soon,
      },
    ],
    [
      'leaves an unknown email to a person once its time to live is over, whatever the configuration',
      not('unknown'),
      { channel: 'email', onUnknownEmail: 'resend', secondsToLive: 0 },
      { state: 'unknown', next: null },
    ],
  ])('%s', (_, result, context, decision) => {
    expect(decideAfterSend(result, anAttempt(context))).toMatchObject(decision);
  });

  it('plans the last attempt for the end of the time to live, so that the alert can expire', () => {
    for (const outcome of ['not_sent', 'try_later'] as const) {
      const { next } = decideAfterSend(not(outcome), anAttempt({ tries: 30, secondsToLive: 0.2 }));
      expect(next).toEqual({ seconds: 1, work: 'send' });
      const over = decideAfterSend(not(outcome), anAttempt({ tries: 30, secondsToLive: -3.7 }));
      expect(over).toMatchObject({ state: 'queued', next: { seconds: 0, work: 'send' } });
    }
  });

  it('looks up an unknown SMS more rarely the older its attempt is', () => {
    const longest = (attemptAgeSeconds: number) =>
      Math.max(
        ...Array.from(
          { length: 300 },
          () => decideAfterSend(not('unknown'), anAttempt({ attemptAgeSeconds })).next?.seconds ?? 0,
        ),
      );
    expect(longest(5)).toBeLessThanOrEqual(20);
    expect(longest(130)).toBeGreaterThan(20);
    expect(longest(5 * HOUR)).toBeLessThanOrEqual(600);
  });
});

describe('any decision', () => {
  const results: fc.Arbitrary<SendOutcome> = fc.constantFrom(
    accepted,
    not('rejected'),
    not('try_later'),
    not('not_sent'),
    not('unknown'),
  );
  const contexts: fc.Arbitrary<AttemptContext> = fc.record({
    channel: fc.constantFrom('sms', 'email'),
    tries: fc.integer({ min: 1, max: 32_767 }),
    attemptAgeSeconds: fc.double({ min: 0, max: 100 * HOUR, noNaN: true }),
    secondsToLive: fc.double({ min: -100 * HOUR, max: 720 * HOUR, noNaN: true }),
    wasUnknown: fc.boolean(),
    onUnknownEmail: fc.constantFrom('park', 'resend'),
    byTemplate: fc.boolean(),
  });
  const ENDS: AlertState[] = ['sent', 'failed', 'unknown'];

  it('ends the alert, or plans its next work within the time to live', () => {
    fc.assert(
      fc.property(results, contexts, (result, context) => {
        const { state, next, reason } = decideAfterSend(result, context);
        expect([...ENDS, 'queued']).toContain(state);
        if (state !== 'sent') expect(reason).toBeTruthy();
        if (next === null) expect(ENDS).toContain(state);
        if (next?.work !== 'send') return;
        expect(['queued', 'unknown']).toContain(state);
        // Whole seconds are what the outbox is written in; the last one begins before the time is over.
        expect(Number.isInteger(next.seconds)).toBe(true);
        expect(next.seconds).toBeGreaterThanOrEqual(0);
        expect(next.seconds).toBeLessThanOrEqual(Math.ceil(Math.max(0, context.secondsToLive)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has an event only for a sent, rejected or unknown message', () => {
    fc.assert(
      fc.property(results, contexts, (result, context) => {
        const { state, event } = decideAfterSend(result, context);
        const expected = { sent: 'alert.sent', failed: 'alert.failed' }[state as string];
        if (expected) expect(event?.type).toBe(expected);
        else if (result.outcome !== 'unknown') expect(event).toBeNull();
        else expect(event?.type).toBe(context.wasUnknown ? undefined : 'alert.unknown');
      }),
    );
  });
});
