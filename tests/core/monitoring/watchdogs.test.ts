import { runWatchdogs, type WatchdogInput } from '../../../core/monitoring/watchdogs';

const line = (name: string, channel: 'sms' | 'email', state: 'open' | 'closed' | 'paused' = 'open') => ({
  name,
  channel,
  state,
  code: state === 'open' ? null : '418',
  reason: state === 'open' ? null : 'the credit is not enough',
});

const healthy: WatchdogInput = {
  measured: {
    outbox: [{ queue: 'sms-bulk', due: 12, oldestSeconds: 300 }],
    unknown: { oldestSeconds: 3600 },
    credit: { kavenegar: 1_000 },
    redis: { away: false, usedBytes: 70, maxBytes: 100 },
    permits: { endingWithinDay: 3, overdue: 0 },
    deadLetters: { count: 0 },
  },
  lines: [line('kavenegar', 'sms'), line('smtp', 'email')],
  pauses: [],
  processes: [{ kind: 'workers', host: 'here', pid: 7, alive: true }],
  lowCreditRials: 1_000,
};

const findingsAfter = (change: Partial<WatchdogInput>) => runWatchdogs({ ...healthy, ...change });
const findingsFor = (measured: WatchdogInput['measured'], change: Partial<WatchdogInput> = {}) =>
  findingsAfter({ ...change, measured: { ...healthy.measured, ...measured } });
const lagging = (queue: 'sms-bulk' | 'email-urgent' | 'login-codes' | 'views') => ({
  outbox: [{ queue, due: 12, oldestSeconds: 301 }],
});
const lagOf = (subject: string) => ({ rule: 'outbox-lag', subject, detail: '301 s, 12' });

describe('the watchdog', () => {
  it('finds nothing while every figure is just within its limit', () => {
    expect(runWatchdogs(healthy)).toEqual([]);
  });

  it('finds nothing before anything was measured', () => {
    expect(findingsAfter({ measured: {} })).toEqual([]);
  });

  it('finds work that has been due for more than five minutes', () => {
    expect(findingsFor(lagging('sms-bulk'))).toEqual([lagOf('sms-bulk')]);
    expect(findingsFor(lagging('views'))).toEqual([lagOf('views')]);
  });

  it('reports no lag of a lane that an operator paused, and of that lane only', () => {
    const pauses = [{ channel: 'sms' as const, lane: 'bulk' as const }];
    expect(findingsFor(lagging('sms-bulk'), { pauses })).toEqual([]);
    expect(findingsFor(lagging('email-urgent'), { pauses })).toEqual([lagOf('email-urgent')]);
    expect(findingsFor(lagging('login-codes'), { pauses })).toEqual([lagOf('login-codes')]);
  });

  it('reports no lag of a channel without an open line', () => {
    const lines = [line('kavenegar', 'sms', 'closed'), line('smtp', 'email')];
    const closed = { rule: 'line-closed', subject: 'kavenegar', detail: '418: the credit is not enough' };
    expect(findingsFor(lagging('sms-bulk'), { lines })).toEqual([closed]);
    expect(findingsFor(lagging('login-codes'), { lines })).toEqual([closed]);
    expect(findingsFor(lagging('email-urgent'), { lines })).toEqual([lagOf('email-urgent'), closed]);
    expect(findingsFor(lagging('views'), { lines })).toEqual([lagOf('views'), closed]);
  });

  it('reports a lag while another line of the channel is open', () => {
    const lines = [line('kavenegar', 'sms', 'paused'), line('second', 'sms'), line('smtp', 'email')];
    expect(findingsFor(lagging('sms-bulk'), { lines })).toEqual([
      lagOf('sms-bulk'),
      { rule: 'line-paused', subject: 'kavenegar', detail: '418: the credit is not enough' },
    ]);
  });

  it.each([
    [
      'an alert in doubt for more than an hour',
      { unknown: { oldestSeconds: 3601 } },
      'unknown-age',
      '3601 s',
    ],
    ['little credit', { credit: { kavenegar: 999 } }, 'credit-low', '999'],
    [
      'a Redis more than 70 % full',
      { redis: { away: false, usedBytes: 71, maxBytes: 100 } },
      'redis-memory',
      '71 %',
    ],
    ['a Redis that is away', { redis: { away: true, usedBytes: 0, maxBytes: null } }, 'redis-away', ''],
    ['permits overdue', { permits: { endingWithinDay: 0, overdue: 2 } }, 'permit-overdue', '2'],
    ['dead letters', { deadLetters: { count: 5 } }, 'dead-letters', '5'],
  ])('finds %s', (_, measured, rule, detail) => {
    expect(findingsFor(measured)).toEqual([{ rule, subject: expect.any(String), detail }]);
  });

  it('ignores missing figures: an unknown credit, a Redis without a limit, no Redis', () => {
    expect(findingsFor({ credit: { kavenegar: null } })).toEqual([]);
    expect(findingsFor({ redis: { away: false, usedBytes: 9e12, maxBytes: null } })).toEqual([]);
    expect(findingsFor({ redis: null, unknown: { oldestSeconds: null } })).toEqual([]);
  });

  it('finds a restored database until an operator confirms the losses', () => {
    expect(findingsAfter({ restored: true })).toEqual([
      { rule: 'database-restored', subject: 'postgres', detail: '' },
    ]);
    expect(findingsAfter({ restored: false })).toEqual([]);
  });

  it('finds a process that died', () => {
    expect(findingsAfter({ processes: [{ kind: 'api', host: 'here', pid: 8, alive: false }] })).toEqual([
      { rule: 'process-died', subject: 'api here 8', detail: '' },
    ]);
  });
});
