import { classNames } from '../../ui/forms';
import { CHANNEL_LABELS, LANE_LABELS } from '../labels/domain-labels';
import { formatElapsed, formatStart } from '../labels/format';
import { type FindingView, findingViews } from './finding-views';
import type { PanelProps } from './panel';

/**
 * What is wrong, above everything else. How long it has been so is left to the eyes: a screen reader would read
 * it out again with every minute.
 */
export function Findings({ overview }: PanelProps) {
  const troubles = findingViews(overview);
  return (
    <section id="findings" class="findings" aria-live="polite" aria-label="آنچه رسیدگی می‌خواهد">
      {troubles.length > 0 ? (
        <ul>
          {troubles.map((trouble, i) => (
            <FindingItem key={i} trouble={trouble} now={overview.at} />
          ))}
        </ul>
      ) : (
        <p class="calm">همه چیز روبه‌راه است.</p>
      )}
    </section>
  );
}

const FindingItem = ({ trouble, now }: { trouble: FindingView; now: Date }) => (
  <li class={classNames('finding', trouble.tone)}>
    <h2>{trouble.title}</h2>
    <Since at={trouble.since} now={now} />
    {trouble.detail && (
      <p class="detail">
        <bdi>{trouble.detail}</bdi>
      </p>
    )}
    <p class="remedy">
      {trouble.remedy} {trouble.link && <a href={trouble.link[0]}>{trouble.link[1]}</a>}
    </p>
  </li>
);

export const Since = ({ at, now }: { at: Date | null; now: Date }) =>
  at && (
    <p class="since">
      از <time dateTime={at.toISOString()}>{formatStart(at, now)}</time>
      <span aria-hidden="true">، {formatElapsed(at, now)}</span>
    </p>
  );

/** Lanes that are held back on purpose: nothing is wrong, but somebody has to remember them. */
export const LanePauses = ({ overview: { pauses, at } }: PanelProps) => (
  <section id="pauses" class="findings" aria-label="مکث‌های در کار" hidden={pauses.length === 0}>
    <ul>
      {pauses.map(({ channel, lane, since, operator, reason }) => (
        <li key={`${channel}-${lane}`} class="finding pause">
          <h2>
            مکث: {CHANNEL_LABELS[channel]} {LANE_LABELS[lane]}
          </h2>
          <Since at={since} now={at} />
          <p class="detail">
            <bdi>{operator}</bdi>: <bdi>{reason}</bdi>
          </p>
          <p class="remedy">
            <a href="/ops/steering">ادامه دادن در هدایت</a>
          </p>
        </li>
      ))}
    </ul>
  </section>
);
