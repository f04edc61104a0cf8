/**
 * Draws `[data-chart]`, which names its measures, from the `data-series` of the part it stands in. Time runs from
 * left to right, in Tehran; the minute that still runs is left out, because its being lower would look like a fall.
 */
export const chartScript = `
const DASHES = { accepted: [], sent: [9, 4], delivered: [2, 3], failed: [], unknown: [6, 4] };
const borderOf = (measure) => ({ 9: 'dashed', 6: 'dashed', 2: 'dotted' })[DASHES[measure][0]] || 'solid';
const clock = new Intl.DateTimeFormat('fa-IR', { timeZone: 'Asia/Tehran', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const figure = new Intl.NumberFormat('fa-IR');
const HEIGHT = 190;
const STEPS = [1, 2, 5].flatMap((step) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((by) => step * by)).sort((a, b) => a - b);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();

const seriesOf = (place) => {
  const { minutes, series } = JSON.parse(place.closest('[data-series]').dataset.series);
  const lane = document.querySelector('[name=lane]:checked').value;
  const measures = place.dataset.chart.split(' ').map((name) => series.find(({ measure }) => measure === name));
  const countsOf = ({ lanes }) => minutes.slice(0, -1).map((_, i) =>
    Object.keys(lanes).filter((name) => !lane || name === lane).reduce((sum, name) => sum + lanes[name][i], 0));
  return { measures, data: [minutes.slice(0, -1), ...measures.map(countsOf)] };
};

const axis = (more) => ({
  stroke: colour('soft'), font: '12px Vazirmatn, Tahoma, sans-serif',
  grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), size: 4 }, ...more,
});
const optionsOf = (place, measures) => ({
  width: place.clientWidth, height: HEIGHT,
  cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'traffic' } },
  scales: { x: { time: true }, y: { range: (_, __, highest) => [0, Math.max(4, (highest || 0) * 1.08)] } },
  axes: [
    axis({ size: 30, space: 64, values: (_, times) => times.map((time) => clock.format(time * 1000)) }),
    axis({ side: 1, size: 58, incrs: STEPS, values: (_, counts) => counts.map((count) => figure.format(count)) }),
  ],
  legend: { markers: { width: 2, dash: (_, i) => borderOf(measures[i - 1].measure) } },
  series: [
    { label: 'ساعت', value: (_, time) => (time === null ? '' : clock.format(time * 1000)) },
    ...measures.map(({ measure, name }) => ({
      label: name, stroke: colour(measure), width: 2, dash: DASHES[measure], points: { show: false },
      value: (_, count) => (count === null ? '' : figure.format(count)),
    })),
  ],
});

const charts = new Map();
const draw = (place) => {
  const { measures, data } = seriesOf(place);
  const chart = charts.get(place);
  if (chart) return chart.setData(data);
  charts.set(place, new uPlot(optionsOf(place, measures), data, place));
};
const places = [...document.querySelectorAll('[data-chart]')];
const drawCharts = () => places.forEach(draw);
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
