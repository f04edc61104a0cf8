/**
 * Draws `[data-chart]`, which names its measures, from the `data-series` of the part it stands in. Time runs from
 * left to right, in Tehran; the minute that still runs is left out, because its being lower would look like a fall.
 */
export const chartScript = `
const DASHES = {
  accepted: [], sent: [9, 4], delivered: [2, 3], failed: [], unknown: [6, 4], p50: [], p95: [9, 4], p99: [2, 3], within10s: [],
};
const borderOf = (measure) => ({ 9: 'dashed', 6: 'dashed', 2: 'dotted' })[DASHES[measure][0]] || 'solid';
const clock = new Intl.DateTimeFormat('fa-IR', { timeZone: 'Asia/Tehran', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const whole = new Intl.NumberFormat('fa-IR');
const digits = new Intl.NumberFormat('fa-IR', { maximumSignificantDigits: 3 });
const percent = new Intl.NumberFormat('fa-IR', { style: 'percent', maximumFractionDigits: 1 });
// How values are written, how far the axis reaches at least, and in which steps.
const UNITS = {
  count: { write: (value) => whole.format(value), reach: (_, highest) => [0, Math.max(4, (highest || 0) * 1.08)], steps: (step) => step >= 1 },
  seconds: { write: (value) => digits.format(value), reach: (_, highest) => [0, Math.max(1, (highest || 0) * 1.08)], steps: () => true },
  share: { write: (value) => percent.format(value), reach: (lowest) => [Math.min(0.9, (lowest ?? 1) - 0.02), 1], steps: (step) => step >= 0.05 },
};
const HEIGHT = 190;
const STEPS = [1, 2, 5].flatMap((step) => [0.01, 0.1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((by) => step * by)).sort((a, b) => a - b);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

const seriesOf = (place) => {
  const { minutes, series } = JSON.parse(place.closest('[data-series]').dataset.series);
  const lane = document.querySelector('[name=lane]:checked').value;
  const measures = place.dataset.chart.split(' ').map((name) => series.find(({ measure }) => measure === name));
  return { measures, data: [minutes, ...measures.map(({ lanes }) => lanes[lane])].map((values) => values.slice(0, -1)) };
};

const axis = (more) => ({
  stroke: colour('soft'), font: '12px Vazirmatn, Tahoma, sans-serif',
  grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), size: 4 }, ...more,
});
const optionsOf = (place, measures, { write, reach, steps }) => ({
  width: place.clientWidth, height: HEIGHT,
  cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'traffic' } },
  scales: { x: { time: true }, y: { range: (_, lowest, highest) => reach(lowest, highest) } },
  axes: [
    axis({ size: 30, space: 64, values: (_, times) => times.map((time) => clock.format(time * 1000)) }),
    axis({ side: 1, size: 58, incrs: STEPS.filter(steps), values: (_, values) => values.map(write) }),
  ],
  legend: { markers: { width: 2, dash: (_, i) => borderOf(measures[i - 1].measure) } },
  series: [
    { label: 'ساعت', value: (_, time) => (time === null ? '' : clock.format(time * 1000)) },
    ...measures.map(({ measure, name }) => ({
      label: name, stroke: colour(measure), width: 2, dash: DASHES[measure], points: { show: place.dataset.unit !== 'count', size: 4 },
      value: (_, value) => (value == null ? '' : write(value)),
    })),
  ],
});

const charts = new Map();
const draw = (place) => {
  const { measures, data } = seriesOf(place);
  const chart = charts.get(place);
  if (chart) return chart.setData(data);
  charts.set(place, new uPlot(optionsOf(place, measures, UNITS[place.dataset.unit]), data, place));
};
const places = [...document.querySelectorAll('[data-chart]')];
// Without them the page still lives; then the small drawings of the tables stay in their place.
let isDrawing = true;
drawCharts = () => {
  if (!isDrawing) return;
  document.documentElement.classList.add('charted');
  try {
    places.forEach(draw);
  } catch (error) {
    isDrawing = false;
    document.documentElement.classList.remove('charted');
    console.warn('there are no charts', error);
  }
};
const drawAnew = () => {
  for (const chart of charts.values()) chart.destroy();
  charts.clear();
  drawCharts();
};

document.addEventListener('change', ({ target }) => { if (target.name === 'lane') drawCharts(); });
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAnew);
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT });
});
for (const place of places) sizes.observe(place);
drawCharts();
document.fonts.ready.then(drawAnew);`;
