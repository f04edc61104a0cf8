import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { createOutbox } from './outbox';
import { type Channel, type Lane, OUTBOX_QUEUES } from './queues';

type Outcome = 'accepted' | 'duplicate' | 'refused';

/** What one process tells Prometheus. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts an answered request. `route` is the pattern, never the address: that may hold a secret. */
  countRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Counts what became of notices at a door. */
  countNotices(door: 'http' | 'batch' | 'queue', outcomes: Outcome[]): void;
  /** Counts settled attempts to send. */
  countAttempts(channel: Channel, lane: Lane, outcome: string, count: number): void;
  /** Notes the seconds from the acceptance of a notice until a provider took its alert, at the first try. */
  observeHandover(channel: Channel, lane: Lane, seconds: number): void;
  /** The metrics in Prometheus' text format, with the outbox as it is now. */
  scrape(): Promise<string>;
}

/**
 * Counters and gauges of this process, in a registry of their own.
 *
 * @param outbox asked at every scrape; while PostgreSQL is away its gauges are absent rather than wrong
 */
export function createMetrics(outbox: Pick<ReturnType<typeof createOutbox>, 'lag'>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'ablagh_http_request_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    registers,
  });
  const notices = new Counter({
    name: 'ablagh_notices_total',
    help: 'Notices answered, by door and by what became of them',
    labelNames: ['door', 'outcome'],
    registers,
  });
  const attempts = new Counter({
    name: 'ablagh_attempts_total',
    help: 'Attempts to send an alert, by channel, lane and what became of them',
    labelNames: ['channel', 'lane', 'outcome'],
    registers,
  });
  const handover = new Histogram({
    name: 'ablagh_handover_seconds',
    help: 'Time from the acceptance of a notice to the provider taking its alert, of alerts taken at the first try',
    labelNames: ['channel', 'lane'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
    registers,
  });
  const due = new Gauge({
    name: 'ablagh_outbox_due',
    help: 'Outbox rows that are due now',
    labelNames: ['queue'],
    registers,
  });
  const oldest = new Gauge({
    name: 'ablagh_outbox_oldest_seconds',
    help: 'Age of the oldest due outbox row',
    labelNames: ['queue'],
    registers,
  });

  const lookAtOutbox = async (): Promise<void> => {
    due.reset();
    oldest.reset();
    const lag = await outbox.lag().catch(() => null);
    if (!lag) return;
    for (const queue of OUTBOX_QUEUES) {
      const found = lag.find((row) => row.queue === queue);
      due.set({ queue }, found?.due ?? 0);
      oldest.set({ queue }, found?.oldestSeconds ?? 0);
    }
  };

  return {
    registry,
    countRequest({ method, route, status, seconds }) {
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds);
    },
    countNotices(door, outcomes) {
      for (const outcome of outcomes) notices.inc({ door, outcome });
    },
    countAttempts(channel, lane, outcome, count) {
      attempts.inc({ channel, lane, outcome }, count);
    },
    observeHandover(channel, lane, seconds) {
      handover.observe({ channel, lane }, seconds);
    },
    async scrape() {
      await lookAtOutbox();
      return registry.metrics();
    },
  };
}
