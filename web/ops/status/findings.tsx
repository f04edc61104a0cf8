import { classNames } from '../../ui/forms';
import { CHANNEL_LABELS, LANE_LABELS } from '../labels/domain-labels';
import { formatElapsed, formatStart } from '../labels/format';
import { type FindingView, findingViews } from './finding-views';
import type { PanelProps } from './panel';

/**
 * The findings, above everything else. The elapsed time is hidden from screen readers, which would read it out again
 * every minute.
 */
export function Findings({ overview }: PanelProps) {
  const findings = findingViews(overview);
  return (
    <section id="findings" class="findings" aria-live="polite" aria-label="آنچه رسیدگی می‌خواهد">
      {findings.length > 0 ? (
        <ul>
          {findings.map((finding, i) => (
            <FindingItem key={i} finding={finding} now={overview.at} />
          ))}
        </ul>
      ) : (
        <p class="calm">همه چیز روبه‌راه است.</p>
      )}
    </section>
  );
}

const FindingItem = ({ finding, now }: { finding: FindingView; now: Date }) => (
  <li class={classNames('finding', finding.tone)}>
    <h2>{finding.title}</h2>
    <Since at={finding.since} now={now} />
    {finding.detail && (
      <p class="detail">
        <bdi>{finding.detail}</bdi>
      </p>
    )}
    <p class="remedy">
      {finding.remedy} {finding.link && <a href={finding.link[0]}>{finding.link[1]}</a>}
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

/** The lanes an operator has paused. A pause is no fault, but it must not be forgotten. */
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
