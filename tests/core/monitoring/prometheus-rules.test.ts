import { RULES } from '../../../core/monitoring/findings';
import {
  MAX_OUTBOX_LAG_SECONDS,
  MAX_REDIS_MEMORY_SHARE,
  MAX_UNKNOWN_AGE_SECONDS,
} from '../../../core/monitoring/watchdogs';
import { OUTBOX_QUEUES } from '../../../core/platform/queues';
import { readYaml } from '../../deploy/deploy-files';

/** The alert of Prometheus that reports the same problem as a rule of the watchdog. */
const ALERT_OF_RULE: Record<(typeof RULES)[number], string> = {
  'outbox-lag': 'AblaghOutboxLag',
  'unknown-age': 'AblaghUnknownAlerts',
  'line-closed': 'AblaghLineClosed',
  'line-paused': 'AblaghLineClosed',
  'credit-low': 'AblaghCreditLow',
  'redis-memory': 'AblaghRedisFilling',
  'redis-away': 'AblaghRedisAway',
  'permit-overdue': 'AblaghPermitsOverdue',
  'dead-letters': 'AblaghDeadLetters',
  'process-died': 'AblaghTargetDown',
  'database-restored': 'AblaghRestored',
  'worker-rebuilt': 'AblaghWorkerRebuilt',
  'epoch-changed': 'AblaghQueueLostItsJobs',
};

const exprOf = new Map(
  readYaml<{ groups: { rules: { alert: string; expr: string }[] }[] }>('deploy/prometheus/alerts.yml')
    .groups.flatMap(({ rules }) => rules)
    .map(({ alert, expr }) => [alert, expr] as const),
);
/** The number at the end of an expression such as `max(…) > 3600`. */
const thresholdOf = (alert: string): number => Number(/> ([\d.]+)\s*$/.exec(exprOf.get(alert) ?? '')?.[1]);

describe('the alerts of Prometheus and the rules of the watchdog', () => {
  it.each(RULES)('cover the same problem: %s', (rule) => {
    expect([...exprOf.keys()]).toContain(ALERT_OF_RULE[rule]);
  });

  it.each([
    ['unknown-age', MAX_UNKNOWN_AGE_SECONDS],
    ['redis-memory', MAX_REDIS_MEMORY_SHARE],
    ['permit-overdue', 0],
    ['dead-letters', 0],
  ] as const)('agree on the threshold of %s', (rule, threshold) => {
    expect(thresholdOf(ALERT_OF_RULE[rule])).toBe(threshold);
  });

  it('name only rules of the watchdog where Prometheus reads its findings', () => {
    const named = [...exprOf.values()].flatMap((expr) =>
      [...expr.matchAll(/ablagh_findings\{rule="([^"]+)"\}/g)].map(([, rule]) => rule),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((rule) => !RULES.some((known) => known === rule))).toEqual([]);
  });
});

describe('the lag alerts of Prometheus', () => {
  /** The queues an expression selects by `queue=~"…"` or `queue!~"…"`; Prometheus matches whole names. */
  const queuesOf = (alert: string) => {
    const [, operator, pattern = ''] = /queue(=~|!~)"([^"]+)"/.exec(exprOf.get(alert) ?? '') ?? [];
    const matches = new RegExp(`^(?:${pattern})$`);
    return OUTBOX_QUEUES.filter((queue) => matches.test(queue) === (operator === '=~'));
  };
  const alerts = ['AblaghUrgentWorkWaits', 'AblaghOutboxLag', 'AblaghBulkLag'];

  it('cover each outbox queue once', () => {
    expect(alerts.flatMap(queuesOf).toSorted()).toEqual(OUTBOX_QUEUES.toSorted());
  });

  it('fire before the watchdog for urgent work only, and after it for all other work', () => {
    const [urgent, other, bulk] = alerts.map(thresholdOf);
    expect(urgent).toBeLessThan(MAX_OUTBOX_LAG_SECONDS);
    expect(other).toBeGreaterThanOrEqual(MAX_OUTBOX_LAG_SECONDS);
    expect(bulk).toBeGreaterThanOrEqual(MAX_OUTBOX_LAG_SECONDS);
  });
});
