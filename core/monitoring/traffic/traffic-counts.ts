import type { Bucket, Sample, TrafficCounts } from '../../platform/metrics';
import { HANDOVER, LINE_ANSWERS, LINE_CALLS, type TrafficCount, trafficKey } from './traffic';

/** The measure an attempt or a receipt counts for, by its outcome. Other outcomes are intermediate and not counted. */
const MEASURE_OF_ATTEMPT: Record<string, string> = {
  accepted: 'sent',
  rejected: 'failed',
  unknown: 'unknown',
};
const MEASURE_OF_RECEIPT: Record<string, string> = {
  delivered: 'delivered',
  failed: 'failed',
  unknown: 'unknown',
};

/** Turns the counters of a process, kept since its start, into rows of `traffic`. Each row occurs once. */
export function trafficCounts({
  accepted,
  attempts,
  receipts,
  answers,
  handover,
  calls,
}: TrafficCounts): TrafficCount[] {
  return mergeCounts([
    ...accepted.map(({ labels, value }) => plainCount('accepted', '', labels.lane, value)),
    ...attempts.flatMap((sample) => alertCounts(sample, MEASURE_OF_ATTEMPT[sample.labels.outcome as string])),
    ...receipts.flatMap((sample) => alertCounts(sample, MEASURE_OF_RECEIPT[sample.labels.state as string])),
    ...answers.map(({ labels, value }) => plainCount(LINE_ANSWERS, labels.line, labels.code, value)),
    ...handover.map((bucket) => bucketCount(HANDOVER, bucket.labels.channel, bucket.labels.lane, bucket)),
    ...calls.map((bucket) => bucketCount(LINE_CALLS, bucket.labels.line, '', bucket)),
  ]);
}

const plainCount = (measure: string, subject = '', label = '', count = 0): TrafficCount => ({
  measure,
  subject,
  label,
  bound: 0,
  count,
});

const bucketCount = (measure: string, subject = '', label = '', { bound, count }: Bucket): TrafficCount => ({
  measure,
  subject,
  label,
  bound,
  count,
});

const alertCounts = ({ labels, value }: Sample, measure: string | undefined): TrafficCount[] =>
  measure ? [plainCount(measure, labels.channel, labels.lane, value)] : [];

function mergeCounts(counts: TrafficCount[]): TrafficCount[] {
  const sums = new Map<string, TrafficCount>();
  for (const entry of counts) {
    const key = trafficKey(entry);
    const sum = sums.get(key);
    if (sum) sum.count += entry.count;
    else sums.set(key, { ...entry });
  }
  return [...sums.values()];
}
