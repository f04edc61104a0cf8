import type { Channel, Lane, QueueName } from '../platform/queues';

/** What is counted per minute and lane. */
export const MEASURES = ['accepted', 'sent', 'delivered', 'failed', 'unknown'] as const;
export type Measure = (typeof MEASURES)[number];

/** How quickly what was handed over in one minute was; null where nothing was. */
export interface HandoverMinute {
  /** Seconds. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** From 0 to 1. */
  within10s: number | null;
}

/** Everything the status page shows, as of one moment. */
export interface Overview {
  at: Date;
  /** How old the figures that one process measures for all are, queues and permits for example; null before the first. */
  measuredSecondsAgo: number | null;
  /** The last sixty minutes, the running one last; every series has a count for each of them. */
  traffic: { minutes: Date[]; series: { measure: Measure; lane: Lane; counts: number[] }[] };
  /** Seconds from acceptance to the provider, over the last hour; null where nothing was sent. */
  handover: {
    lane: Lane;
    count: number;
    p50: number | null;
    p95: number | null;
    p99: number | null;
    /** From 0 to 1. */
    within10s: number | null;
  }[];
  /** The same for each of the minutes of `traffic`, and for all lanes together. */
  handoverPerMinute: { lane: Lane | 'all'; minutes: HandoverMinute[] }[];
  /** `waiting`: how many alerts and the like have work in the outbox that is due. `jobs`: what BullMQ holds, null while it is away. */
  queues: { queue: QueueName; waiting: number; oldestSeconds: number; jobs: number | null }[];
  processes: {
    id: string;
    kind: 'api' | 'workers';
    host: string;
    pid: number;
    startedAt: Date;
    beatAt: Date;
    /** Whether it gave a sign of life in the last 30 seconds. */
    alive: boolean;
  }[];
  /** Ways to the providers. */
  lines: {
    name: string;
    channel: Channel;
    state: 'open' | 'closed' | 'paused';
    code: string | null;
    reason: string | null;
    since: Date;
    /** Whether calls are held back because too many failed, and until when. */
    brokenUntil: Date | null;
    /** Messages a second at most; null without a limit. */
    perSecond: number | null;
    /** Rial; null where there is no such thing, or nobody could ask. */
    credit: number | null;
    /** Milliseconds a call took at the middle, over the last hour. */
    latencyMs: number | null;
    /** Answers other than success in the last hour, the most frequent first. */
    codes: { code: string; count: number }[];
  }[];
  pauses: { channel: Channel; lane: Lane; since: Date; operator: string; reason: string }[];
  /** Null when BullMQ works on PostgreSQL; `away` when Redis did not answer. */
  redis: { away: boolean; usedBytes: number; maxBytes: number | null } | null;
  postgres: { connections: number; maxConnections: number };
  permits: { endingWithinDay: number; overdue: number };
  /** How often each type occurred in the last hour. */
  events: { type: string; count: number }[];
  /** How many alerts wait for a person's decision. */
  deadLetters: number;
  findings: { rule: string; subject: string; since: Date; detail: string }[];
}
