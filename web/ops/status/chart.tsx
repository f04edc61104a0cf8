/** What a chart shows; its measures stand in the `data-series` of the part it is in. */
export interface Chart {
  id: string;
  title: string;
  /** What is counted upwards from nothing, how long something took, or a share from 0 to 1. */
  unit: 'count' | 'seconds' | 'share';
  measures: readonly string[];
}

/** One line of a chart, for whichever lane is chosen. */
export interface ChartSeries {
  measure: string;
  name: string;
  /** A value for each minute, by lane, with `all` for all of them; null where there is none. */
  lanes: Record<string, (number | null)[]>;
}

/** For the script that draws: when, in seconds since 1970, and what. */
export const chartData = (minutes: Date[], series: ChartSeries[]): string =>
  JSON.stringify({ minutes: minutes.map((minute) => minute.getTime() / 1_000), series });

/** Where JavaScript draws; without it there is nothing to see here, and the table below says it all. */
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
