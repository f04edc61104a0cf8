import type { OperatorNoticeView } from '../../../core/operator-console/operator-notice-view';
import { When } from '../../ui/text';
import { describeCause } from '../labels/cause-labels';
import { actorLabel, CHANNEL_LABELS, eventLabel } from '../labels/domain-labels';

type TimelineEvent = OperatorNoticeView['timeline'][number];

const dataText = ({ data }: TimelineEvent, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};

/** Everything that happened to a notice, the oldest first, with who did it and the provider's own words. */
export const Timeline = ({ events }: { events: TimelineEvent[] }) => (
  <ol class="course">
    {events.map((event, i) => (
      <li key={i}>
        <When at={event.at} time />
        <span>
          {eventLabel(event.type)}
          <Detail event={event} />
        </span>
      </li>
    ))}
  </ol>
);

function Detail({ event }: { event: TimelineEvent }) {
  const channel = dataText(event, 'channel');
  const words = [
    CHANNEL_LABELS[channel as keyof typeof CHANNEL_LABELS] ?? channel,
    dataText(event, 'body'),
    dataText(event, 'code') && `کد ${dataText(event, 'code')}`,
    event.type !== 'alert.delivered' &&
      dataText(event, 'code') &&
      describeCause(dataText(event, 'code'), dataText(event, 'reason')),
    dataText(event, 'decidedBy') && 'به تصمیم راهبر',
  ].filter(Boolean);
  return (
    <>
      {words.map((word, i) => (
        <span key={i}>
          {i > 0 ? '؛ ' : ': '}
          <bdi>{word}</bdi>
        </span>
      ))}{' '}
      <small class="none">
        <bdi>{actorLabel(event.actor)}</bdi>
      </small>
    </>
  );
}
