import type { OperatorNoticeView } from '../../../core/operator-console/operator-notice-view';
import { When } from '../../ui/text';
import { describeCause } from '../labels/cause-labels';
import { actorLabel, CHANNEL_LABELS, eventLabel } from '../labels/domain-labels';

type TimelineEvent = OperatorNoticeView['timeline'][number];

const dataText = ({ data }: TimelineEvent, name: string): string => {
  const value = data[name];
  return typeof value === 'string' ? value : '';
};

/** The events of a notice, oldest first, each with its actor and the provider's message. */
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
  const details = [
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
      {details.map((detail, i) => (
        <span key={i}>
          {i > 0 ? '؛ ' : ': '}
          <bdi>{detail}</bdi>
        </span>
      ))}{' '}
      <small class="none">
        <bdi>{actorLabel(event.actor)}</bdi>
      </small>
    </>
  );
}
