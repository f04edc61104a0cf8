import type { Counted, Sample } from '../platform/metrics';
import type { Bucket } from '../platform/set-histogram';
import { HANDOVER, keyOf, LINE_ANSWERS, LINE_CALLS, type Tally } from './traffic';

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
export function tally({ accepted, attempts, receipts, answers, handover, calls }: Counted): Tally[] {
  return addUp([
    ...accepted.map(({ labels, value }) => plain('accepted', '', labels.lane, value)),
    ...attempts.flatMap((sample) => ofAlerts(sample, MEASURE_OF_ATTEMPT[sample.labels.outcome as string])),
    ...receipts.flatMap((sample) => ofAlerts(sample, MEASURE_OF_RECEIPT[sample.labels.state as string])),
    ...answers.map(({ labels, value }) => plain(LINE_ANSWERS, labels.line, labels.code, value)),
    ...handover.map((bucket) => histogram(HANDOVER, bucket.labels.channel, bucket.labels.lane, bucket)),
    ...calls.map((bucket) => histogram(LINE_CALLS, bucket.labels.line, '', bucket)),
  ]);
}

const plain = (measure: string, subject = '', part = '', count = 0): Tally => ({
  measure,
  subject,
  part,
  bound: 0,
  count,
});

const histogram = (measure: string, subject = '', part = '', { bound, count }: Bucket): Tally => ({
  measure,
  subject,
  part,
  bound,
  count,
});

const ofAlerts = ({ labels, value }: Sample, measure: string | undefined): Tally[] =>
  measure ? [plain(measure, labels.channel, labels.lane, value)] : [];

function addUp(tallies: Tally[]): Tally[] {
  const sums = new Map<string, Tally>();
  for (const entry of tallies) {
    const key = keyOf(entry);
    const sum = sums.get(key);
    if (sum) sum.count += entry.count;
    else sums.set(key, { ...entry });
  }
  return [...sums.values()];
}
