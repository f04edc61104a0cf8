import type { Overview } from '../../../core/monitoring/overview';
import { DescriptionList } from '../../ui/content';
import { classNames } from '../../ui/forms';
import { describeCause } from '../labels/cause-labels';
import { CHANNEL_LABELS, codeLabel, LINE_STATE_LABELS } from '../labels/domain-labels';
import { formatDuration, formatNumber, formatTimeOfDay } from '../labels/format';
import { Since } from './findings';
import { Panel, type PanelProps } from './panel';

type Line = Overview['lines'][number];

/** The lines (provider accounts) with their state. Messages of providers are shown as plain text. */
export const Lines = ({ overview: { lines, at } }: PanelProps) => (
  <Panel id="lines" title="خط‌های ارائه‌دهندگان">
    <div class="lines">
      {lines.map((line) => (
        <LineCard key={line.name} line={line} now={at} />
      ))}
    </div>
  </Panel>
);

const LineCard = ({ line, now }: { line: Line; now: Date }) => {
  const broken = line.brokenUntil !== null;
  return (
    <article class={classNames('line', line.state !== 'open' ? 'bad' : broken && 'caution')}>
      <h3>
        <bdi>{line.name}</bdi> <small>{CHANNEL_LABELS[line.channel]}</small>{' '}
        <span class={classNames('badge', line.state === 'open' ? 'good' : 'bad')}>
          {LINE_STATE_LABELS[line.state]}
        </span>
        {broken && <span class="badge caution">قطع‌کن باز</span>}
      </h3>
      {line.state !== 'open' && <Since at={line.since} now={now} />}
      {line.reason && (
        <p class="detail">
          {line.code && (
            <>
              <bdi>{codeLabel(line.code)}</bdi>:{' '}
            </>
          )}
          <bdi>{describeCause(line.code, line.reason)}</bdi>
        </p>
      )}
      <DescriptionList
        class="dense-facts"
        entries={[
          ['زمان پاسخ', line.latencyMs === null ? '' : formatDuration(line.latencyMs / 1_000)],
          ['سقف در ثانیه', line.perSecond === null ? 'بی‌سقف' : formatNumber(line.perSecond)],
          ['اعتبار', line.credit === null ? '' : `${formatNumber(line.credit)} ریال`],
          ['آزمون در', line.brokenUntil && formatTimeOfDay(line.brokenUntil)],
        ]}
      />
      {line.codes.length > 0 && (
        <p class="codes">
          پاسخ‌های دیگر در یک ساعت:{' '}
          {line.codes.map(({ code, count }) => (
            <span key={code} class="badge">
              <bdi>{codeLabel(code)}</bdi> ×{formatNumber(count)}
            </span>
          ))}
        </p>
      )}
    </article>
  );
};
