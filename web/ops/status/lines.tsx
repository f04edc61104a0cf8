import type { Overview } from '../../../core/operation/overview';
import { DescriptionList } from '../../frame/content';
import { classes } from '../../frame/forms';
import { inWords } from '../dead-letters/cause-words';
import { duration, number, timeOfDay } from './figures';
import { Since } from './findings';
import { Panel, type PanelProps } from './panel';
import { CHANNEL, codeName, LINE_STATE } from './words';

type Line = Overview['lines'][number];

/** The ways to the providers. What they say of themselves is text, whatever it looks like. */
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
    <article class={classes('line', line.state !== 'open' ? 'bad' : broken && 'caution')}>
      <h3>
        <bdi>{line.name}</bdi> <small>{CHANNEL[line.channel]}</small>{' '}
        <span class={classes('badge', line.state === 'open' ? 'good' : 'bad')}>{LINE_STATE[line.state]}</span>
        {broken && <span class="badge caution">قطع‌کن باز</span>}
      </h3>
      {line.state !== 'open' && <Since at={line.since} now={now} />}
      {line.reason && (
        <p class="detail">
          {line.code && (
            <>
              <bdi>{codeName(line.code)}</bdi>:{' '}
            </>
          )}
          <bdi>{inWords(line.code, line.reason)}</bdi>
        </p>
      )}
      <DescriptionList
        class="dense-facts"
        entries={[
          ['زمان پاسخ', line.latencyMs === null ? '' : duration(line.latencyMs / 1_000)],
          ['سقف در ثانیه', line.perSecond === null ? 'بی‌سقف' : number(line.perSecond)],
          ['اعتبار', line.credit === null ? '' : `${number(line.credit)} ریال`],
          ['آزمون در', line.brokenUntil && timeOfDay(line.brokenUntil)],
        ]}
      />
      {line.codes.length > 0 && (
        <p class="codes">
          پاسخ‌های دیگر در یک ساعت:{' '}
          {line.codes.map(({ code, count }) => (
            <span key={code} class="badge">
              <bdi>{codeName(code)}</bdi> ×{number(count)}
            </span>
          ))}
        </p>
      )}
    </article>
  );
};
