import type { LineState } from '../channels/lines';
import { CHANNELS, type Channel, LANES, type Lane, type OutboxQueue, sendQueue } from '../platform/queues';
import type { Finding, StandingRule } from './findings';
import type { MeasuredSoFar } from './measurements';
import type { KnownProcess } from './processes';

/** Everything the rules look at. */
export interface Situation {
  measured: MeasuredSoFar;
  lines: Pick<LineState, 'name' | 'channel' | 'state' | 'code' | 'reason'>[];
  pauses: { channel: Channel; lane: Lane }[];
  processes: Pick<KnownProcess, 'kind' | 'host' | 'pid' | 'alive'>[];
  /** Rial; a line with less is low on credit. */
  creditLow: number;
  /** Whether the database was restored, and nobody has said yet what that means. */
  restored?: boolean;
}

type Trouble = Finding & { rule: StandingRule };
type Rule = (situation: Situation) => Omit<Trouble, 'rule'>[];

const LAG_SECONDS = 300;
const DOUBT_SECONDS = 3600;
const REDIS_SHARE = 0.7;

const seconds = (count: number) => `${Math.round(count)} s`;

const rules: Record<StandingRule, Rule> = {
  'outbox-lag': (situation) =>
    (situation.measured.outbox ?? [])
      .filter(({ queue, oldestSeconds }) => oldestSeconds > LAG_SECONDS && !isHeldBack(queue, situation))
      .map(({ queue, due, oldestSeconds }) => ({
        subject: queue,
        detail: `${seconds(oldestSeconds)}, ${due}`,
      })),

  'unknown-age': ({ measured }) => {
    const age = measured.unknown?.oldestSeconds ?? 0;
    return age > DOUBT_SECONDS ? [{ subject: 'alerts', detail: seconds(age) }] : [];
  },

  'line-closed': ({ lines }) => linesThatAre('closed', lines),

  'line-paused': ({ lines }) => linesThatAre('paused', lines),

  'credit-low': ({ measured, creditLow }) =>
    Object.entries(measured.credit ?? {}).flatMap(([line, rials]) =>
      rials !== null && rials < creditLow ? [{ subject: line, detail: `${rials}` }] : [],
    ),

  'redis-memory': ({ measured: { redis } }) => {
    if (!redis?.maxBytes) return [];
    const share = redis.usedBytes / redis.maxBytes;
    return share > REDIS_SHARE ? [{ subject: 'redis', detail: `${Math.round(share * 100)} %` }] : [];
  },

  'redis-away': ({ measured }) => (measured.redis?.away ? [{ subject: 'redis', detail: '' }] : []),

  'permit-overdue': ({ measured }) => some('permits', measured.permits?.overdue),

  'dead-letters': ({ measured }) => some('alerts', measured.deadLetters?.count),

  'process-died': ({ processes }) =>
    processes
      .filter(({ alive }) => !alive)
      .map(({ kind, host, pid }) => ({ subject: `${kind} ${host} ${pid}`, detail: '' })),

  'database-restored': ({ restored = false }) => (restored ? [{ subject: 'postgres', detail: '' }] : []),
};

const linesThatAre = (wanted: string, lines: Situation['lines']) =>
  lines
    .filter(({ state }) => state === wanted)
    .map(({ name, code, reason }) => ({ subject: name, detail: [code, reason].filter(Boolean).join(': ') }));

const some = (subject: string, count = 0) => (count > 0 ? [{ subject, detail: `${count}` }] : []);

/** Whether work of this queue waits because it must: its channel is shut, or an operator paused its lane. */
function isHeldBack(queue: OutboxQueue, { lines, pauses }: Situation): boolean {
  const isShut = (channel: Channel) =>
    !lines.some((line) => line.channel === channel && line.state === 'open');
  if (queue === 'login-codes') return isShut('sms');
  const channel = CHANNELS.find((name) => LANES.some((lane) => sendQueue(name, lane) === queue));
  if (!channel) return false;
  const paused = pauses.some((pause) => sendQueue(pause.channel, pause.lane) === queue);
  return paused || isShut(channel);
}

/** What is wrong, by every rule. */
export const findTrouble = (situation: Situation): Trouble[] =>
  Object.entries(rules).flatMap(([rule, look]) =>
    look(situation).map((trouble) => ({ rule: rule as StandingRule, ...trouble })),
  );
