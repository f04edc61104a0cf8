// @ts-check
/**
 * Draws each `[data-chart]`, which names its measures, from the `data-series` of the panel around it. Time runs from
 * left to right, in Tehran. The minute that still runs is left out: its lower count would look like a fall.
 *
 * The script comes last, so that the page lives on without charts if anything here fails.
 */
(() => {
  /** @typedef {import('uplot')} UPlot */
  /** @typedef {{ measure: string, name: string, lanes: Record<string, (number | null)[]> }} Series */
  /**
   * @typedef Unit How the values of a chart are written, how far its axis reaches at least, and in which steps.
   * @property {(value: number) => string} write
   * @property {(lowest: number | null, highest: number | null) => [number, number]} range
   * @property {(step: number) => boolean} allowsStep
   */

  const { uPlot: Chart } = /** @type {{ uPlot: typeof import('uplot') }} */ (/** @type {unknown} */ (window));

  /** @type {Record<string, number[]>} */
  const DASHES = {
    accepted: [],
    sent: [9, 4],
    delivered: [2, 3],
    failed: [],
    unknown: [6, 4],
    p50: [],
    p95: [9, 4],
    p99: [2, 3],
    within10s: [],
  };
  /** @type {Record<number, string>} */
  const BORDERS = { 9: 'dashed', 6: 'dashed', 2: 'dotted' };
  const HEIGHT_PX = 190;
  const STEPS = [1, 2, 5]
    .flatMap((step) => [0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((factor) => step * factor))
    .sort((a, b) => a - b);

  const clock = new Intl.DateTimeFormat('fa-IR', {
    timeZone: 'Asia/Tehran',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const whole = new Intl.NumberFormat('fa-IR');
  const threeDigits = new Intl.NumberFormat('fa-IR', { maximumSignificantDigits: 3 });
  const percent = new Intl.NumberFormat('fa-IR', { style: 'percent', maximumFractionDigits: 1 });

  /** @type {Unit} */
  const COUNT = {
    write: (value) => whole.format(value),
    range: (_, highest) => [0, Math.max(4, (highest || 0) * 1.08)],
    allowsStep: (step) => step >= 1,
  };
  /** @type {Unit} */
  const SECONDS = {
    write: (value) => threeDigits.format(value),
    range: (_, highest) => [0, Math.max(1, (highest || 0) * 1.08)],
    allowsStep: () => true,
  };
  /** @type {Unit} */
  const SHARE = {
    write: (value) => percent.format(value),
    range: (lowest) => [Math.min(0.9, (lowest ?? 1) - 0.02), 1],
    allowsStep: (step) => step >= 0.05,
  };
  /** @type {Record<string, Unit>} */
  const UNITS = { count: COUNT, seconds: SECONDS, share: SHARE };

  /** @param {string} measure */
  const borderOf = (measure) => BORDERS[DASHES[measure]?.[0] ?? 0] ?? 'solid';
  /** @param {number} seconds since 1970 */
  const timeOfDay = (seconds) => clock.format(seconds * 1000);
  /** @param {string} name of a custom property of the stylesheet */
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  /**
   * Reads the measures of a chart for the chosen lane.
   *
   * @param {HTMLElement} place
   */
  function readSeries(place) {
    /** @type {HTMLElement | null} */
    const panel = place.closest('[data-series]');
    /** @type {{ minutes: number[], series: Series[] }} */
    const { minutes, series } = JSON.parse(panel?.dataset.series ?? '');
    /** @type {HTMLInputElement | null} */
    const lane = document.querySelector('[name=lane]:checked');
    const measures = (place.dataset.chart ?? '')
      .split(' ')
      .flatMap((name) => series.find(({ measure }) => measure === name) ?? []);
    const values = measures.map(({ lanes }) => (lanes[lane?.value ?? ''] ?? []).slice(0, -1));
    /** @type {import('uplot').AlignedData} */
    const data = [minutes.slice(0, -1), ...values];
    return { measures, data };
  }

  /**
   * @param {import('uplot').Axis} axis
   * @returns {import('uplot').Axis}
   */
  const styledAxis = (axis) => ({
    stroke: colour('soft'),
    font: '12px Vazirmatn, Tahoma, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), size: 4 },
    ...axis,
  });

  /**
   * @param {HTMLElement} place
   * @param {Series[]} measures
   * @param {Unit} unit
   * @returns {import('uplot').Options}
   */
  const optionsOf = (place, measures, { write, range, allowsStep }) => ({
    width: place.clientWidth,
    height: HEIGHT_PX,
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'traffic' } },
    scales: { x: { time: true }, y: { range: (_, lowest, highest) => range(lowest, highest) } },
    axes: [
      styledAxis({ size: 30, space: 64, values: (_, times) => times.map(timeOfDay) }),
      styledAxis({
        side: 1,
        size: 58,
        incrs: STEPS.filter(allowsStep),
        values: (_, values) => values.map(write),
      }),
    ],
    legend: { markers: { width: 2, dash: (_, i) => borderOf(measures[i - 1]?.measure ?? '') } },
    series: [
      { label: 'ساعت', value: (_, seconds) => (seconds === null ? '' : timeOfDay(seconds)) },
      ...measures.map(({ measure, name }) => ({
        label: name,
        stroke: colour(measure),
        width: 2,
        dash: DASHES[measure] ?? [],
        points: { show: place.dataset.unit !== 'count', size: 4 },
        value: (/** @type {UPlot} */ _, /** @type {number | null} */ value) =>
          value == null ? '' : write(value),
      })),
    ],
  });

  /** @type {HTMLElement[]} */
  const places = [...document.querySelectorAll('[data-chart]')].filter(
    (element) => element instanceof HTMLElement,
  );
  /** @type {Map<Element, UPlot>} */
  const charts = new Map();

  /** @param {HTMLElement} place */
  function draw(place) {
    const { measures, data } = readSeries(place);
    const chart = charts.get(place);
    if (chart) {
      chart.setData(data);
      return;
    }
    const unit = UNITS[place.dataset.unit ?? ''] ?? COUNT;
    charts.set(place, new Chart(optionsOf(place, measures, unit), data, place));
  }

  let isDrawing = true;

  function drawCharts() {
    if (!isDrawing) return;
    document.documentElement.classList.add('charted');
    try {
      places.forEach(draw);
    } catch (error) {
      // The page lives on, with the small drawings of its tables.
      isDrawing = false;
      document.documentElement.classList.remove('charted');
      // biome-ignore lint/suspicious/noConsole: the browser's console is the only log there is.
      console.warn('there are no charts', error);
    }
  }

  function redrawCharts() {
    for (const chart of charts.values()) chart.destroy();
    charts.clear();
    drawCharts();
  }

  document.addEventListener('status-shown', drawCharts);
  document.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === 'lane') drawCharts();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawCharts);
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries)
      charts.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT_PX });
  });
  for (const place of places) sizes.observe(place);
  drawCharts();
  void document.fonts.ready.then(redrawCharts);
})();
