import type { LineState } from '../channels/lines';
import { CHANNELS, type Channel, LANES, type Lane, type OutboxQueue, sendQueue } from '../platform/queues';
import type { StandingFinding, StandingRule } from './findings';
import type { PartialMeasurements } from './measure/measurements';
import type { KnownProcess } from './processes';

/** The state of the system that the rules check. */
export interface WatchdogInput {
  measured: PartialMeasurements;
  lines: Pick<LineState, 'name' | 'channel' | 'state' | 'code' | 'reason'>[];
  pauses: { channel: Channel; lane: Lane }[];
  processes: Pick<KnownProcess, 'kind' | 'host' | 'pid' | 'alive'>[];
  /** Rial; a line with less is low on credit. */
  lowCreditRials: number;
  /** Whether the database was restored and no operator has confirmed the losses yet. */
  restored?: boolean;
}

type Rule = (input: WatchdogInput) => Omit<StandingFinding, 'rule'>[];

/** Thresholds that `deploy/prometheus/alerts.yml` repeats; a test compares them. */
export const MAX_OUTBOX_LAG_SECONDS = 300;
export const MAX_UNKNOWN_AGE_SECONDS = 3600;
/** From 0 to 1, of the memory Redis may use. */
export const MAX_REDIS_MEMORY_SHARE = 0.7;

const seconds = (count: number) => `${Math.round(count)} s`;

const rules: Record<StandingRule, Rule> = {
  'outbox-lag': (input) =>
    (input.measured.outbox ?? [])
      .filter(
        ({ queue, oldestSeconds }) => oldestSeconds > MAX_OUTBOX_LAG_SECONDS && !isBlocked(queue, input),
      )
      .map(({ queue, due, oldestSeconds }) => ({
        subject: queue,
        detail: `${seconds(oldestSeconds)}, ${due}`,
      })),

  'unknown-age': ({ measured }) => {
    const age = measured.unknown?.oldestSeconds ?? 0;
    return age > MAX_UNKNOWN_AGE_SECONDS ? [{ subject: 'alerts', detail: seconds(age) }] : [];
  },

  'line-closed': ({ lines }) => linesInState('closed', lines),

  'line-paused': ({ lines }) => linesInState('paused', lines),

  'credit-low': ({ measured, lowCreditRials }) =>
    Object.entries(measured.credit ?? {}).flatMap(([line, rials]) =>
      rials !== null && rials < lowCreditRials ? [{ subject: line, detail: `${rials}` }] : [],
    ),

  'redis-memory': ({ measured: { redis } }) => {
    if (!redis?.maxBytes) return [];
    const share = redis.usedBytes / redis.maxBytes;
    return share > MAX_REDIS_MEMORY_SHARE
      ? [{ subject: 'redis', detail: `${Math.round(share * 100)} %` }]
      : [];
  },

  'redis-away': ({ measured }) => (measured.redis?.away ? [{ subject: 'redis', detail: '' }] : []),

  'permit-overdue': ({ measured }) => findingIfAny('permits', measured.permits?.overdue),

  'dead-letters': ({ measured }) => findingIfAny('alerts', measured.deadLetters?.count),

  'process-died': ({ processes }) =>
    processes
      .filter(({ alive }) => !alive)
      .map(({ kind, host, pid }) => ({ subject: `${kind} ${host} ${pid}`, detail: '' })),

  'database-restored': ({ restored = false }) => (restored ? [{ subject: 'postgres', detail: '' }] : []),
};

const linesInState = (wanted: string, lines: WatchdogInput['lines']) =>
  lines
    .filter(({ state }) => state === wanted)
    .map(({ name, code, reason }) => ({ subject: name, detail: [code, reason].filter(Boolean).join(': ') }));

const findingIfAny = (subject: string, count = 0) => (count > 0 ? [{ subject, detail: `${count}` }] : []);

/** Whether work of this queue has to wait: no line of its channel is open, or an operator paused its lane. */
function isBlocked(queue: OutboxQueue, { lines, pauses }: WatchdogInput): boolean {
  const isClosed = (channel: Channel) =>
    !lines.some((line) => line.channel === channel && line.state === 'open');
  if (queue === 'login-codes') return isClosed('sms');
  const channel = CHANNELS.find((name) => LANES.some((lane) => sendQueue(name, lane) === queue));
  if (!channel) return false;
  const paused = pauses.some((pause) => sendQueue(pause.channel, pause.lane) === queue);
  return paused || isClosed(channel);
}

/** Checks every rule and lists what is wrong. */
export const runWatchdogs = (input: WatchdogInput): StandingFinding[] =>
  Object.entries(rules).flatMap(([rule, check]) =>
    check(input).map((finding) => ({ rule: rule as StandingRule, ...finding })),
  );
