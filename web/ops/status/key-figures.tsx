import type { ComponentChildren } from 'preact';
import type { Measure, Overview } from '../../../core/monitoring/overview';
import { classNames } from '../../ui/forms';
import { formatAge, formatNumber, formatShare } from '../labels/format';
import type { PanelProps } from './panel';

/** The share of alerts that should reach the provider within ten seconds. */
export const PROMPT_SHARE_TARGET = 0.95;

/** The most important figures, in large digits. */
export function KeyFigures({ overview }: PanelProps) {
  const { queues, processes, deadLetters } = overview;
  const workers = processes.filter(({ kind }) => kind === 'workers');
  const alive = workers.filter((worker) => worker.alive).length;
  const prompt = promptShare(overview);
  const lost = inLastHour(overview, 'failed') + inLastHour(overview, 'unknown');
  return (
    <dl id="key-figures" class="key-figures">
      <Figure name="پذیرفته در دقیقه گذشته" value={formatNumber(lastMinute(overview, 'accepted'))}>
        {formatNumber(inLastHour(overview, 'accepted'))} در یک ساعت
      </Figure>
      <Figure
        name="سپرده در ۱۰ ثانیه"
        value={formatShare(prompt)}
        tone={prompt !== null && prompt < PROMPT_SHARE_TARGET ? 'caution' : undefined}
      >
        در یک ساعت
      </Figure>
      <Figure
        name="سررسیده و در انتظار"
        value={formatNumber(queues.reduce((sum, { waiting }) => sum + waiting, 0))}
      >
        کهنه‌ترین: {formatAge(Math.max(0, ...queues.map(({ oldestSeconds }) => oldestSeconds)))}
      </Figure>
      <Figure name="نرسیده و نامعلوم" value={formatNumber(lost)}>
        در یک ساعت
      </Figure>
      <Figure
        name="منتظر تصمیم"
        value={formatNumber(deadLetters)}
        tone={deadLetters > 0 ? 'caution' : undefined}
      >
        <a href="/ops/dead-letters">مانده‌ها</a>
      </Figure>
      <Figure name="کارگرهای زنده" value={formatNumber(alive)} tone={alive === 0 ? 'bad' : undefined}>
        از {formatNumber(workers.length)}
      </Figure>
    </dl>
  );
}

interface FigureProps {
  name: string;
  value: string;
  tone?: 'bad' | 'caution' | undefined;
  children: ComponentChildren;
}

const Figure = ({ name, value, tone, children }: FigureProps) => (
  <div class={classNames('key-figure', tone)}>
    <dt>{name}</dt>
    <dd>
      <strong>{value}</strong>
      <small>{children}</small>
    </dd>
  </div>
);

const countsOf = ({ traffic }: Overview, measure: Measure): number[][] =>
  traffic.series.filter((series) => series.measure === measure).map(({ counts }) => counts);

const inLastHour = (overview: Overview, measure: Measure): number =>
  countsOf(overview, measure)
    .flat()
    .reduce((sum, count) => sum + count, 0);

/** Counts the last whole minute; the running minute is not complete. */
const lastMinute = (overview: Overview, measure: Measure): number =>
  countsOf(overview, measure).reduce((sum, counts) => sum + (counts.at(-2) ?? 0), 0);

function promptShare({ handover }: Overview): number | null {
  const sent = handover.filter(({ within10s }) => within10s !== null);
  const all = sent.reduce((sum, { count }) => sum + count, 0);
  return all > 0 ? sent.reduce((sum, { count, within10s }) => sum + count * (within10s ?? 0), 0) / all : null;
}
