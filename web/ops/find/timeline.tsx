import type { NoticeFile } from '../../../core/desk/notice-file';
import { When } from '../../frame/text';
import { inWords } from '../dead-letters/cause-words';
import { actorName, CHANNEL, eventName } from '../status/words';

type TimelineEvent = NoticeFile['timeline'][number];

const text = ({ data }: TimelineEvent, name: string): string => {
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
          {eventName(event.type)}
          <Detail event={event} />
        </span>
      </li>
    ))}
  </ol>
);

function Detail({ event }: { event: TimelineEvent }) {
  const channel = text(event, 'channel');
  const words = [
    CHANNEL[channel as keyof typeof CHANNEL] ?? channel,
    text(event, 'body'),
    text(event, 'code') && `کد ${text(event, 'code')}`,
    event.type !== 'alert.delivered' &&
      text(event, 'code') &&
      inWords(text(event, 'code'), text(event, 'reason')),
    text(event, 'decidedBy') && 'به تصمیم راهبر',
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
        <bdi>{actorName(event.actor)}</bdi>
      </small>
    </>
  );
}
