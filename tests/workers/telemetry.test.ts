import type { Settlement } from '../../core/alerts/alerts';
import type { ClaimedAlert } from '../../core/alerts/claims';
import type { SendOutcome } from '../../core/channels/outcomes';
import { createLog } from '../../core/platform/log';
import type { Lane } from '../../core/platform/queues';
import { reportAttempts } from '../../workers/telemetry';

type Outcome = SendOutcome['outcome'];

const settlement = (outcome: Outcome, lane: Lane = 'bulk', alert: Partial<ClaimedAlert> = {}) =>
  ({
    alert: {
      lane,
      wasUnknown: false,
      noticeAgeSeconds: 4,
      claimedAt: Date.now() - 1_000,
      tries: 1,
      ...alert,
    },
    result: { outcome, code: '1', detail: '' },
  }) as Settlement;

function count(settlements: Settlement[]) {
  const metrics = { countAttempts: jest.fn(), observeHandover: jest.fn() };
  reportAttempts({ metrics, log: createLog('test', 'silent') }, 'sms', 'kavenegar', settlements);
  return { attempts: metrics.countAttempts.mock.calls, handovers: metrics.observeHandover.mock.calls };
}

describe('the attempts of a set', () => {
  it('are counted together by lane and outcome, however many they are', () => {
    const set = [
      ...Array.from({ length: 199 }, () => settlement('accepted')),
      settlement('rejected'),
      settlement('accepted', 'urgent'),
    ];
    const { attempts, handovers } = count(set);
    expect(attempts).toEqual([
      ['sms', 'bulk', 'accepted', 199],
      ['sms', 'bulk', 'rejected', 1],
      ['sms', 'urgent', 'accepted', 1],
    ]);
    expect(handovers.map(([, lane, seconds]) => [lane, seconds.length])).toEqual([
      ['bulk', 199],
      ['urgent', 1],
    ]);
  });

  it('are timed from the acceptance of the notice, also after earlier attempts', () => {
    const { handovers } = count([settlement('accepted'), settlement('accepted', 'bulk', { tries: 3 })]);
    const [, , seconds] = handovers[0];
    expect(seconds).toHaveLength(2);
    for (const each of seconds) expect(each).toBeCloseTo(5, 1);
  });

  it('are not timed without a notice, or when the time of the handover is unknown', () => {
    const { attempts, handovers } = count([
      settlement('accepted', 'bulk', { noticeAgeSeconds: null }),
      settlement('accepted', 'bulk', { wasUnknown: true }),
      settlement('unknown'),
    ]);
    expect(attempts).toEqual([
      ['sms', 'bulk', 'accepted', 2],
      ['sms', 'bulk', 'unknown', 1],
    ]);
    expect(handovers).toEqual([]);
  });

  it('are counted once while they stay unknown, however often the provider is asked', () => {
    expect(count([settlement('unknown', 'bulk', { wasUnknown: true })]).attempts).toEqual([]);
  });
});
