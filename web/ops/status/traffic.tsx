import { MEASURES, type Measure, type Overview } from '../../../core/monitoring/overview';
import { LANES, type Lane } from '../../../core/platform/queues';
import { LANE_LABELS, MEASURE_LABELS } from '../labels/domain-labels';
import { formatNumber } from '../labels/format';
import { type Chart, type ChartSeries, Charts, chartData } from './chart';
import { type PanelProps, Table } from './panel';

type TrafficCounts = Overview['traffic'];

/** Failures have a chart of their own: beside a thousand times more successes they would be invisible. */
const CHARTS: readonly Chart[] = [
  { id: 'flow', title: 'در هر دقیقه', unit: 'count', measures: ['accepted', 'sent', 'delivered'] },
  { id: 'losses', title: 'نرسیده و نامعلوم در هر دقیقه', unit: 'count', measures: ['failed', 'unknown'] },
];

/** The traffic of the last hour: charts with JavaScript, sparklines without it, and the sums in a table. */
export const Traffic = ({ overview: { traffic } }: PanelProps) => (
  <section
    id="traffic"
    class="card panel"
    aria-labelledby="traffic-title"
    data-series={chartData(traffic.minutes, seriesOf(traffic))}
  >
    <div class="panel-head">
      <h2 id="traffic-title">گردش کار در یک ساعت گذشته</h2>
      <LaneSwitch />
    </div>
    <Charts charts={CHARTS} />
    <Table
      caption="شمار در یک ساعت گذشته"
      heads={['چه شد', ...LANES.map((lane) => LANE_LABELS[lane]), 'همه', 'این دقیقه', 'روند']}
      rows={MEASURES.map((measure) => rowOf(traffic, measure))}
    />
  </section>
);

/** The choice of a lane for the charts; hidden without JavaScript, because the table shows every lane. */
const LaneSwitch = () => (
  <fieldset class="lane-switch charted-only">
    <legend class="visually-hidden">صف در نمودارها</legend>
    {([['all', 'همه'], ...LANES.map((lane) => [lane, LANE_LABELS[lane]])] as const).map(([lane, name]) => (
      <label key={lane}>
        <input type="radio" name="lane" value={lane} checked={lane === 'all'} />
        {name}
      </label>
    ))}
  </fieldset>
);

function rowOf(traffic: TrafficCounts, measure: Measure) {
  const all = perMinute(traffic, measure, LANES);
  return {
    name: (
      <span class={`measure ${measure}`}>
        <svg class="key" viewBox="0 0 24 6" aria-hidden="true" focusable="false">
          <path d="M0 3h24" />
        </svg>
        {MEASURE_LABELS[measure]}
      </span>
    ),
    cells: [
      ...LANES.map((lane) => formatNumber(sum(perMinute(traffic, measure, [lane])))),
      <strong key="all">{formatNumber(sum(all))}</strong>,
      formatNumber(all.at(-1) ?? 0),
      <Sparkline key="course" measure={measure} counts={all.slice(0, -1)} />,
    ],
    tone: sum(all) === 0 ? ('idle' as const) : undefined,
  };
}

const Sparkline = ({ measure, counts }: { measure: Measure; counts: number[] }) => {
  const highest = Math.max(1, ...counts);
  const points = counts.map((count, i) => `${i},${(20 - (18 * count) / highest).toFixed(1)}`).join(' ');
  return (
    <svg
      class={`spark ${measure}`}
      viewBox={`0 0 ${Math.max(1, counts.length - 1)} 21`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <polyline points={points} />
    </svg>
  );
};

const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);

function perMinute({ minutes, series }: TrafficCounts, measure: Measure, lanes: readonly Lane[]): number[] {
  const chosen = series.filter((each) => each.measure === measure && lanes.includes(each.lane));
  return minutes.map((_, i) => chosen.reduce((total, { counts }) => total + (counts[i] ?? 0), 0));
}

/** Returns the counts of each measure by lane, and for all lanes together. */
const seriesOf = (traffic: TrafficCounts): ChartSeries[] =>
  MEASURES.map((measure) => ({
    measure,
    name: MEASURE_LABELS[measure],
    lanes: {
      all: perMinute(traffic, measure, LANES),
      ...Object.fromEntries(LANES.map((lane) => [lane, perMinute(traffic, measure, [lane])])),
    },
  }));
