/** The content of a chart. The values of its measures stand in the `data-series` of the panel around it. */
export interface Chart {
  id: string;
  title: string;
  /** A number of things, a duration in seconds, or a share from 0 to 1. */
  unit: 'count' | 'seconds' | 'share';
  measures: readonly string[];
}

/** One curve of a chart, with values for every lane that can be chosen. */
export interface ChartSeries {
  measure: string;
  name: string;
  /** A value for each minute, by lane; `all` holds all lanes together, null means no value. */
  lanes: Record<string, (number | null)[]>;
}

/** Writes the data of a panel's charts as JSON for the drawing script; the minutes are seconds since 1970. */
export const chartData = (minutes: Date[], series: ChartSeries[]): string =>
  JSON.stringify({ minutes: minutes.map((minute) => minute.getTime() / 1_000), series });

/** The places where JavaScript draws. Without JavaScript they stay hidden, and the table below shows all figures. */
export const Charts = ({ charts }: { charts: readonly Chart[] }) => (
  <div class="charts charted-only">
    {charts.map(({ id, title, unit, measures }) => (
      <figure key={id} class={id}>
        <figcaption>{title}</figcaption>
        <div
          dir="ltr"
          role="img"
          aria-label={`نمودار ${title}؛ رقم‌ها در جدول زیر آمده است`}
          data-kept=""
          data-chart={measures.join(' ')}
          data-unit={unit}
        />
      </figure>
    ))}
  </div>
);
