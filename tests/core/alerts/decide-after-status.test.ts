import { decideAfterStatus } from '../../../core/alerts/decide-after-status';
import type { Decision } from '../../../core/alerts/decision';
import { describeStatus } from '../../../core/channels/kavenegar/return-codes';

const HOUR = 3600;

describe('a decision after a message status', () => {
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
  ])('%d ends the alert', (status, age, decision) => {
    expect(decideAfterStatus(describeStatus(status), age)).toMatchObject({ ...decision, next: null });
  });

  it('14 queues the alert for the template where that is allowed, and the event holds the reason', () => {
    expect(decideAfterStatus(describeStatus(14), 90, 'allowed')).toEqual({
      state: 'queued',
      reason: expect.stringMatching(/^the recipient blocks .*; it goes by the template now$/),
      event: {
        type: 'alert.failed',
        data: { channel: 'sms', code: '14', reason: expect.stringContaining('the recipient blocks') },
      },
      next: { seconds: 0, work: 'send' },
    });
    for (const status of [6, 11, 13]) {
      expect(decideAfterStatus(describeStatus(status), 90, 'allowed')).toMatchObject({
        state: 'failed',
        next: null,
      });
    }
  });

  it('14 leaves the alert unknown where the template may have been used in the time a restore lost', () => {
    expect(decideAfterStatus(describeStatus(14), 90, 'in_doubt')).toEqual({
      state: 'unknown',
      reason: expect.stringMatching(/^the recipient blocks .*it may have gone by the template/),
      event: { type: 'alert.unknown', data: expect.objectContaining({ code: 'restored' }) },
      next: null,
    });
    expect(decideAfterStatus(describeStatus(10), 90, 'in_doubt')).toMatchObject({ state: 'delivered' });
    expect(decideAfterStatus(describeStatus(6), 90, 'in_doubt')).toMatchObject({ state: 'failed' });
  });

  it.each([1, 2, 4, 5, 99])('%d is checked again, ever more rarely, for 48 hours', (status) => {
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
