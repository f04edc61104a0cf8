import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Channel, Lane, QueueName } from './queues';

type IntakeOutcome = 'accepted' | 'duplicate' | 'refused';

/** The value of a counter under some labels. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** The number of values a histogram observed under some labels, up to one bound and above the bound before it. */
export interface Bucket {
  labels: Record<string, string>;
  /** Upper bound; `Infinity` for the last bucket. */
  bound: number;
  count: number;
}

/** Everything the operators' page shows of a process, counted from the start of the process. */
export interface TrafficCounts {
  accepted: Sample[];
  attempts: Sample[];
  receipts: Sample[];
  answers: Sample[];
  handover: Bucket[];
  calls: Bucket[];
}

/** The metrics of one process. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts an answered request. `route` is the pattern, never the address: an address may hold a secret. */
  countRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Counts notices at an intake, by their outcomes. */
  countNotices(door: 'http' | 'batch' | 'queue', outcomes: IntakeOutcome[]): void;
  /** Counts committed notices of all intakes. */
  countAccepted(lane: Lane, count: number): void;
  /** Counts settled attempts to send. Login codes are no alerts, and have the lane `login` here. */
  countAttempts(channel: Channel, lane: Lane | 'login', outcome: string, count: number): void;
  /** Counts delivery reports of providers, by the state they report. */
  countReceipts(channel: Channel, lane: Lane, state: string, count: number): void;
  /** Observes, for a set of alerts, the seconds from the acceptance of the notice to the provider taking its alert. */
  observeHandover(channel: Channel, lane: Lane, seconds: number[]): void;
  /** Counts a call to a provider. `code` is the code of the answer, or the reason why there is none. */
  countCall(call: { line: string; method: string; seconds: number; code: string }): void;
  /** Counts that the queue backend had lost its jobs. */
  countEpochChange(): void;
  /** Counts that a stalled worker was replaced. */
  countRebuild(queue: QueueName): void;
  /** Counts rows that were masked or deleted at the end of their retention period. */
  countPurged(what: string, count: number): void;
  readTraffic(): Promise<TrafficCounts>;
  /** Registers a function that runs before every scrape, for gauges that are measured and not counted. */
  beforeScrape(measure: () => Promise<void>): void;
  /** Returns the metrics in Prometheus' text format. */
  scrape(): Promise<string>;
}

/** Bounds of the time until hand-over. GOV.UK publishes the share within 10 seconds, so 10 must be among them. */
export const HANDOVER_BOUNDS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
export const CALL_BOUNDS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];
const REQUEST_BOUNDS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** Creates the metrics of this process, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { notices, accepted, attempts, receipts, answers, epochs, rebuilds, purged } =
    createCounters(registry);
  const { requests, handover, calls } = createHistograms(registry);
  const limitCode = createCodeLimiter();
  const measures: (() => Promise<void>)[] = [];

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
    observeHandover(channel, lane, seconds) {
      for (const value of seconds) handover.observe({ channel, lane }, value);
    },
    countCall({ line, method, seconds, code }) {
      calls.observe({ line, method }, seconds);
      answers.inc({ line, code: limitCode(line, code) });
    },
    countEpochChange: () => epochs.inc(),
    countRebuild: (queue) => rebuilds.inc({ queue }),
    countPurged: (what, count) => purged.inc({ what }, count),
    readTraffic: async () => ({
      accepted: await readSamples(accepted),
      attempts: await readSamples(attempts),
      receipts: await readSamples(receipts),
      answers: await readSamples(answers),
      handover: await readBuckets(handover),
      calls: await readBuckets(calls),
    }),
    beforeScrape: (measure) => void measures.push(measure),
    async scrape() {
      await Promise.all(measures.map((measure) => measure()));
      return registry.metrics();
    },
  };
}

function createCounters(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  return {
    notices: counter('ablagh_notices_total', 'Notices answered, by door and by what became of them', [
      'door',
      'outcome',
    ]),
    accepted: counter('ablagh_accepted_total', 'Notices committed, by lane', ['lane']),
    attempts: counter(
      'ablagh_attempts_total',
      'Attempts to send an alert, by channel, lane and what became of them',
      ['channel', 'lane', 'outcome'],
    ),
    receipts: counter(
      'ablagh_receipts_total',
      'Alerts of which the provider said what became of them, by channel, lane and what that is',
      ['channel', 'lane', 'state'],
    ),
    answers: counter(
      'ablagh_provider_answers_total',
      'Calls to providers, by line and by the code that was answered, or why there was no answer',
      ['line', 'code'],
    ),
    epochs: counter('ablagh_queue_epoch_changes_total', 'How often the queue had lost its jobs', []),
    rebuilds: counter('ablagh_worker_rebuilds_total', 'Workers that took no jobs and were replaced', [
      'queue',
    ]),
    purged: counter('ablagh_forgotten_total', 'Rows masked or removed because their time was over', ['what']),
  };
}

function createHistograms(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Histogram({
      name: 'ablagh_http_request_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_BOUNDS_SECONDS,
      registers,
    }),
    handover: new Histogram({
      name: 'ablagh_handover_seconds',
      help: 'Time from the acceptance of a notice to the provider taking its alert',
      labelNames: ['channel', 'lane'],
      buckets: HANDOVER_BOUNDS_SECONDS,
      registers,
    }),
    calls: new Histogram({
      name: 'ablagh_provider_call_seconds',
      help: 'Time a call to a provider took, by line and method',
      labelNames: ['line', 'method'],
      buckets: CALL_BOUNDS_SECONDS,
      registers,
    }),
  };
}

const readSamples = async (counter: Counter): Promise<Sample[]> => (await counter.get()).values as Sample[];

/** Reads the buckets that are not empty. Prometheus counts in each bucket the values of all lower ones too; a `Bucket` does not. */
async function readBuckets(histogram: Histogram): Promise<Bucket[]> {
  const lower = new Map<string, number>();
  const buckets: Bucket[] = [];
  for (const { metricName, labels, value } of (await histogram.get()).values) {
    if (!metricName?.endsWith('_bucket')) continue;
    const { le, ...others } = labels as Record<string, string>;
    const series = JSON.stringify(others);
    const count = value - (lower.get(series) ?? 0);
    lower.set(series, value);
    if (count > 0) buckets.push({ labels: others, bound: le === '+Inf' ? Infinity : Number(le), count });
  }
  return buckets;
}

const MAX_CODES_PER_LINE = 60;

/**
 * Limits the codes of a line that become labels, because codes come from outside and each label costs memory. Further codes become
 * `other`.
 */
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
