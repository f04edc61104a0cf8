import type { Sample, TrafficCounts } from '../../platform/metrics';
import type { Bucket } from '../../platform/set-histogram';
import { HANDOVER, LINE_ANSWERS, LINE_CALLS, type TrafficCount, trafficKey } from './traffic';

/** What an attempt or a receipt counts as, by what became of it; the others are steps on the way. */
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

/** What a process has counted from its start, as the rows of `traffic` it belongs to. Each row comes once. */
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

const plainCount = (measure: string, subject = '', part = '', count = 0): TrafficCount => ({
  measure,
  subject,
  part,
  bound: 0,
  count,
});

const bucketCount = (measure: string, subject = '', part = '', { bound, count }: Bucket): TrafficCount => ({
  measure,
  subject,
  part,
  bound,
  count,
});

const alertCounts = ({ labels, value }: Sample, measure: string | undefined): TrafficCount[] =>
  measure ? [plainCount(measure, labels.channel, labels.lane, value)] : [];

function mergeCounts(tallies: TrafficCount[]): TrafficCount[] {
  const sums = new Map<string, TrafficCount>();
  for (const entry of tallies) {
    const key = trafficKey(entry);
    const sum = sums.get(key);
    if (sum) sum.count += entry.count;
    else sums.set(key, { ...entry });
  }
  return [...sums.values()];
}
