import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Channel, Lane, QueueName } from './queues';
import { type Bucket, createSetHistogram } from './set-histogram';

type IntakeOutcome = 'accepted' | 'duplicate' | 'refused';

/** A counter under some labels. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** What the operators' page shows of a process, from its start. */
export interface TrafficCounts {
  accepted: Sample[];
  attempts: Sample[];
  receipts: Sample[];
  answers: Sample[];
  handover: Bucket[];
  calls: Bucket[];
}

/** What one process tells Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts an answered request. `route` is the pattern, never the address: that may hold a secret. */
  countRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Counts what became of notices at a door. */
  countNotices(door: 'http' | 'batch' | 'queue', outcomes: IntakeOutcome[]): void;
  /** Counts notices that were committed, whatever the door. */
  countAccepted(lane: Lane, count: number): void;
  /** Counts settled attempts to send; login codes, which are no alerts, have a lane of their own here. */
  countAttempts(channel: Channel, lane: Lane | 'login', outcome: string, count: number): void;
  /** Counts what providers said became of messages they had taken. */
  countReceipts(channel: Channel, lane: Lane, state: string, count: number): void;
  /** Notes, for a set of alerts, the seconds from the acceptance of the notice until a provider took its alert. */
  observeHandover(channel: Channel, lane: Lane, seconds: number[]): void;
  /** Counts a call to a provider. `code` is what was answered, or why there was no answer. */
  countCall(call: { line: string; method: string; seconds: number; code: string }): void;
  /** Counts that the queue backend had lost its jobs. */
  countEpochChange(): void;
  /** Counts that a worker took no jobs and another was put in its place. */
  countRebuild(queue: QueueName): void;
  /** Counts rows that were masked or removed because their time was over. */
  countPurged(what: string, count: number): void;
  readTraffic(): Promise<TrafficCounts>;
  /** Has `look` called before every scrape, for gauges that are read and not counted. */
  beforeScrape(look: () => Promise<void>): void;
  /** The metrics in Prometheus' text format. */
  scrape(): Promise<string>;
}

/** GOV.UK's public measure is the share within 10 seconds: that bound must be among them. */
export const HANDOVER_BOUNDS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
export const CALL_BOUNDS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];

/** Counters of this process, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const requests = new Histogram({
    name: 'ablagh_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers: [registry],
  });
  const notices = counter('ablagh_notices_total', 'Notices answered, by door and by what became of them', [
    'door',
    'outcome',
  ]);
  const accepted = counter('ablagh_accepted_total', 'Notices committed, by lane', ['lane']);
  const attempts = counter(
    'ablagh_attempts_total',
    'Attempts to send an alert, by channel, lane and what became of them',
    ['channel', 'lane', 'outcome'],
  );
  const receipts = counter(
    'ablagh_receipts_total',
    'Alerts of which the provider said what became of them, by channel, lane and what that is',
    ['channel', 'lane', 'state'],
  );
  const answers = counter(
    'ablagh_provider_answers_total',
    'Calls to providers, by line and by the code that was answered, or why there was no answer',
    ['line', 'code'],
  );
  const epochs = counter('ablagh_queue_epoch_changes_total', 'How often the queue had lost its jobs', []);
  const rebuilds = counter('ablagh_worker_rebuilds_total', 'Workers that took no jobs and were replaced', [
    'queue',
  ]);
  const forgotten = counter('ablagh_forgotten_total', 'Rows masked or removed because their time was over', [
    'what',
  ]);
  const handover = createSetHistogram({
    name: 'ablagh_handover_seconds',
    help: 'Time from the acceptance of a notice to the provider taking its alert',
    labelNames: ['channel', 'lane'],
    bounds: HANDOVER_BOUNDS_SECONDS,
    registry,
  });
  const calls = createSetHistogram({
    name: 'ablagh_provider_call_seconds',
    help: 'Time a call to a provider took, by line and method',
    labelNames: ['line', 'method'],
    bounds: CALL_BOUNDS_SECONDS,
    registry,
  });
  const boundedCode = createCodeLimiter();
  const looks: (() => Promise<void>)[] = [];
  const samplesOf = async (from: Counter<string>) => (await from.get()).values as Sample[];

  return {
    registry,
    countRequest({ method, route, status, seconds }) {
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
    countNotices(door, outcomes) {
      for (const outcome of outcomes) notices.inc({ door, outcome });
    },
    countAccepted: (lane, count) => accepted.inc({ lane }, count),
    countAttempts: (channel, lane, outcome, count) => attempts.inc({ channel, lane, outcome }, count),
    countReceipts: (channel, lane, state, count) => receipts.inc({ channel, lane, state }, count),
    observeHandover: (channel, lane, seconds) => handover.observe({ channel, lane }, seconds),
    countCall({ line, method, seconds, code }) {
      calls.observe({ line, method }, [seconds]);
      answers.inc({ line, code: boundedCode(line, code) });
    },
    countEpochChange: () => epochs.inc(),
    countRebuild: (queue) => rebuilds.inc({ queue }),
    countPurged: (what, count) => forgotten.inc({ what }, count),
    readTraffic: async () => ({
      accepted: await samplesOf(accepted),
      attempts: await samplesOf(attempts),
      receipts: await samplesOf(receipts),
      answers: await samplesOf(answers),
      handover: handover.buckets(),
      calls: calls.buckets(),
    }),
    beforeScrape: (look) => void looks.push(look),
    async scrape() {
      await Promise.all(looks.map((look) => look()));
      return registry.metrics();
    },
  };
}

const MAX_CODES_PER_LINE = 60;

/** Codes come from outside: however many a provider makes up, only so many become labels; the rest is `other`. */
function createCodeLimiter(): (line: string, code: string) => string {
  const known = new Map<string, Set<string>>();
  return (line, code) => {
    const codes = known.get(line) ?? new Set();
    known.set(line, codes);
    if (codes.has(code)) return code;
    if (codes.size >= MAX_CODES_PER_LINE || !/^\w{1,32}$/.test(code)) return 'other';
    codes.add(code);
    return code;
  };
}
