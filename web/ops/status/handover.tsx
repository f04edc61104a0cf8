import type { HandoverMinute, Overview } from '../../../core/monitoring/overview';
import { LANES } from '../../../core/platform/queues';
import { LANE_LABELS } from '../labels/domain-labels';
import { formatNumber, formatSeconds, formatShare } from '../labels/format';
import { type ChartSeries, Charts, chartData } from './chart';
import { PROMPT_SHARE_TARGET } from './key-figures';
import { Bar, type PanelProps, Table } from './panel';

const MEASURE_NAMES: Record<keyof HandoverMinute, string> = {
  p50: 'میانه',
  p95: 'صدک ۹۵',
  p99: 'صدک ۹۹',
  within10s: 'تا ۱۰ ثانیه',
};

const CHARTS = [
  { id: 'times', title: 'ثانیه، در هر دقیقه', unit: 'seconds', measures: ['p50', 'p95', 'p99'] },
  { id: 'shares', title: 'سهم سپرده تا ۱۰ ثانیه، در هر دقیقه', unit: 'share', measures: ['within10s'] },
] as const;

/** The time from the acceptance of a notice until the provider has its alert, minute by minute and over the hour. */
export const Handover = ({ overview: { handover, handoverPerMinute, traffic } }: PanelProps) => (
  <section
    id="handover"
    class="card panel"
    aria-labelledby="handover-title"
    data-series={chartData(traffic.minutes, seriesOf(handoverPerMinute))}
  >
    <h2 id="handover-title">از پذیرش تا سپردن به ارائه‌دهنده</h2>
    <Charts charts={CHARTS} />
    <Table
      caption="زمان سپردن در یک ساعت گذشته، به ثانیه"
      heads={['ثانیه', 'تا ۱۰ ثانیه', 'میانه', 'صدک ۹۵', 'صدک ۹۹', 'شمار']}
      rows={LANES.map((lane) =>
        rowOf(
          handover.find((each) => each.lane === lane),
          LANE_LABELS[lane],
        ),
      )}
    />
  </section>
);

/** Rounds to three digits, more than an eye can tell apart in a chart. */
const rounded = (value: number | null): number | null => value && Number(value.toPrecision(3));

const seriesOf = (perMinute: Overview['handoverPerMinute']): ChartSeries[] =>
  (Object.keys(MEASURE_NAMES) as (keyof HandoverMinute)[]).map((measure) => ({
    measure,
    name: MEASURE_NAMES[measure],
    lanes: Object.fromEntries(
      perMinute.map(({ lane, minutes }) => [lane, minutes.map((minute) => rounded(minute[measure]))]),
    ),
  }));

function rowOf(lane: Overview['handover'][number] | undefined, name: string) {
  const { count = 0, p50 = null, p95 = null, p99 = null, within10s = null } = lane ?? {};
  const slow = within10s !== null && within10s < PROMPT_SHARE_TARGET;
  return {
    name,
    cells: [
      <span key="share" class={slow ? 'slow' : undefined}>
        {formatShare(within10s)}{' '}
        {within10s !== null && <Bar filled={within10s} tone={slow ? 'caution' : undefined} />}
      </span>,
      formatSeconds(p50),
      formatSeconds(p95),
      formatSeconds(p99),
      formatNumber(count),
    ],
    tone: count === 0 ? ('idle' as const) : undefined,
  };
}
