import type { LanePause } from '../channels/lane-pauses';
import type { LineState } from '../channels/lines';
import type { Lane, QueueName } from '../platform/queues';
import type { OpenFinding } from './findings';
import type { Measurements } from './measure/measurements';
import type { KnownProcess } from './processes';
import type { Quantiles } from './traffic/quantiles';

/** The measures counted per minute and lane. */
export const MEASURES = ['accepted', 'sent', 'delivered', 'failed', 'unknown'] as const;
export type Measure = (typeof MEASURES)[number];

/** The time from acceptance to the provider, in seconds, of the alerts handed over in one minute; null where there are none. */
export interface HandoverMinute extends Omit<Quantiles, 'count'> {
  /** The share handed over within ten seconds, from 0 to 1. */
  within10s: number | null;
}

export interface LaneHandover extends HandoverMinute {
  lane: Lane;
  count: number;
}

export interface LineOverview extends Omit<LineState, 'seenAt'> {
  /** Rial; null where the provider has no credit or could not be asked. */
  credit: number | null;
  /** The median duration of a call in milliseconds over the last hour; null without calls. */
  latencyMs: number | null;
  /** Answers other than success in the last hour, the most frequent first. */
  codes: { code: string; count: number }[];
}

/** Everything the status page shows, as of one moment. */
export interface Overview extends Pick<Measurements, 'redis' | 'postgres' | 'permits' | 'events'> {
  at: Date;
  /** The age of the figures that one process measures for all, such as queues and permits; null before the first round. */
  measuredSecondsAgo: number | null;
  /** The last sixty minutes, the running one last; every series has a count for each of them. */
  traffic: { minutes: Date[]; series: { measure: Measure; lane: Lane; counts: number[] }[] };
  /** The handover times of the last hour. */
  handover: LaneHandover[];
  /** The handover times of each of the minutes of `traffic`, by lane and for all lanes together. */
  handoverPerMinute: { lane: Lane | 'all'; minutes: HandoverMinute[] }[];
  /** `waiting`: subjects, such as alerts, with work in the outbox that is due. `jobs`: jobs BullMQ holds, null while it is away. */
  queues: { queue: QueueName; waiting: number; oldestSeconds: number; jobs: number | null }[];
  processes: KnownProcess[];
  lines: LineOverview[];
  pauses: LanePause[];
  /** How many alerts wait for a person's decision. */
  deadLetters: number;
  findings: OpenFinding[];
}
